import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TestKanade } from '#tests/support/kanade.ts';
import { testConnection } from '#tests/support/projection.ts';
import { until } from '#tests/support/until.ts';

/** A port that nobody has at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a backend without a broker lives, says what it waits for, and goes on when the broker comes', async () => {
  await using kanade = await TestKanade.start({ backend: false });
  await kanade.broker.kill();
  const listen = `127.0.0.1:${await freePort()}`;
  const args = ['--open', '--data-dir', join(kanade.dir, 'one'), '--listen', listen, '--nats', kanade.broker.url, '--log-level', 'warn'];
  const backend = kanade.process('backend/main.ts', args);
  const ask = async (path: string) => {
    const response = await fetch(`http://${listen}${path}`).catch(() => undefined);
    return response && { status: response.status, body: JSON.parse(await response.text()) };
  };
  expect(await until('it listens', () => ask('/healthz'))).toEqual({ status: 200, body: { ok: true, open: true } });
  const waiting = { ready: false, reasons: ['there is no connection to the broker'], projectors: {}, streams: [] };
  expect(await ask('/readyz')).toMatchObject({ status: 503, body: waiting });
  expect(await ask('/api/v1/agents')).toMatchObject({ status: 503, body: { code: 'not_ready' } });
  await kanade.broker.restart();
  await backend.ready;
  await until('it is ready', async () => (await ask('/readyz'))?.status === 200);
  expect(await ask('/api/v1/agents')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
});

test('a backend that has just started asks who is there instead of calling everybody offline', async () => {
  await using kanade = await TestKanade.start();
  await kanade.readyAgent('PC1');
  const stop = new AbortController();
  await using nats = await testConnection(kanade.broker.url, stop.signal);
  const heard: string[] = [];
  for (const subject of ['control.PC1.ping', 'heartbeat.PC1']) nats.subscribe(subject, (m) => void heard.push(m.subject));
  await nats.flush();
  kanade.backend = await kanade.startBackend('two');
  await until('PC1 is online', async () => (await kanade.backend.get('/agents/PC1')).online);
  await until('it was asked, and answered', () => /ping.*heartbeat/.test(heard.join(' ')));
});
