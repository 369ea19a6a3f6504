import { request } from 'node:http';
import { expect, test } from 'vitest';
import { tokenHash, tokenText } from '#backend/http/tokens.ts';
import { encode } from '#core/contract/codec.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { eventsOf } from '#tests/support/sse.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

test('a viewer may look and not touch, and the attempt is in the audit', async () => {
  const token = tokenText('eyes', new Uint8Array(32).fill(7));
  const stored = { id: 'eyes', name: 'eyes', hash: tokenHash(token), role: 'viewer', created_at: new Date().toISOString() };
  await nats.publishStored('$KV.accounts.token.eyes', encode(stored));
  const headers = { authorization: `Bearer ${token}` };
  await until('the token is known', async () => (await kanade.backend.call('GET', '/agents', undefined, headers)).status === 200);
  const body = { shell: 'sh', script: 'true', target: { all: true } };
  expect(await kanade.backend.call('POST', '/executions', body, headers)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  expect((await kanade.backend.call('GET', '/audit', undefined, headers)).status).toBe(403);
  const entry = await until('the refusal is projected', async () => (await kanade.backend.get('/audit?actor=eyes')).items[0]);
  expect(entry).toMatchObject({ action: 'execution_submit', result: 'forbidden' });
});

test('a port that is taken is said to be, with the setting that changes it', async () => {
  const { host } = new URL(kanade.backend.url);
  const args = ['--open', '--data-dir', `${kanade.dir}/other`, '--listen', host, '--nats', kanade.broker.url, '--log-level', 'warn'];
  const other = kanade.process('backend/main.ts', args);
  expect(await other.exited).toBe(1);
  expect(other.output()).toMatch(/port_in_use: .*KANADE_LISTEN/);
});

test('a client that breaks off in the middle of its body disturbs nobody', async () => {
  const { port } = new URL(kanade.backend.url);
  await new Promise<void>((resolve) => {
    const headers = { authorization: `Bearer ${kanade.backend.token}`, 'content-type': 'application/json', 'content-length': 1000 };
    const half = request({ port, host: '127.0.0.1', method: 'POST', path: '/api/v1/executions', headers });
    half.on('error', () => resolve());
    half.write('{"script":', () => half.destroy());
    half.on('close', () => resolve());
  });
  expect((await kanade.backend.call('GET', '/agents')).status).toBe(200);
});

test('an orderly stop ends the event streams and does not wait for those who listen', async () => {
  const at = new Date().toISOString();
  await nats.publishStored('$KV.agents.OFF1', encode({ pc_id: 'OFF1', enrolled_at: at, first_seen: at, last_seen: at }));
  await until('OFF1 is known', async () => (await kanade.backend.call('GET', '/agents/OFF1')).status === 200);
  const exec = await kanade.backend.submit({ script: 'true', target: { pcs: ['OFF1'] } });
  const headers = { authorization: `Bearer ${kanade.backend.token}` };
  const stream = eventsOf(await fetch(`${kanade.backend.url}/api/v1/executions/${exec}/events`, { headers }));
  expect((await stream.next()).value).toMatchObject({ event: 'target', data: { state: 'queued' } });
  const ended = (async () => {
    for await (const event of stream) expect(event.event).toBe('execution');
  })();
  await kanade.backend.process.stop();
  await ended;
  expect(await kanade.backend.process.exited).toBe(0);
  expect(kanade.backend.process.output()).not.toMatch(/"level":"(error|fatal)"/);
});
