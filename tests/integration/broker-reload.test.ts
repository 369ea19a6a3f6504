import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { reloadBroker } from '#backend/broker/reload-broker.ts';
import { openIssuer } from '#backend/identity/open-issuer.ts';
import { connectAsBackend, connectAsPc, issuePc, letsIn } from '#tests/support/identity.ts';
import { TestKanade } from '#tests/support/kanade.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { until } from '#tests/support/until.ts';

test('a broker that reads its configuration anew, as for a certificate, keeps its connections and lets nobody in who was revoked', async () => {
  await using kanade = await TestKanade.start({ identities: true });
  const { broker } = kanade;
  const identity = kanade.identity!;
  const stop = new AbortController();
  const { signal } = stop;
  await using nats = await connectAsBackend(broker.url, identity, signal);
  const clocks = { clock: Date.now, wall: Date.now, mono: () => performance.now(), random: Math.random };
  const parts = { identity, nats, servers: broker.url, name: 'a test', ...clocks, log: quietLog, reconnectDelay: () => 100, signal };
  const { issuer, system } = await openIssuer(parts);
  await using _system = system;
  const [thief, honest] = [await issuePc(identity, 'THIEF'), await issuePc(identity, 'HONEST')];
  await using stolen = await connectAsPc(broker.url, 'THIEF', thief.credential, signal);
  await using kept = await connectAsPc(broker.url, 'HONEST', honest.credential, signal);
  await issuer.revoke({ publicKey: thief.publicKey, pcId: 'THIEF', by: 'admin' });
  await until('it is cut', () => !stolen.connected);

  const reloads = async () => (await readFile(broker.logFile, 'utf8')).match(/Reloaded server configuration/g)?.length ?? 0;
  await reloadBroker({ url: broker.url, ca: () => undefined, identity, signal });
  expect(await reloads()).toBe(1);
  if (process.platform !== 'win32') {
    process.kill(broker.pid, 'SIGHUP');
    await until('it has read it again', async () => (await reloads()) === 2);
  }
  await kept.flush();
  expect(kept.tracker.disconnections).toBe(0);
  expect(await letsIn(broker.url, 'THIEF', thief.credential)).toBe(false);
  expect(await letsIn(broker.url, 'HONEST', honest.credential)).toBe(true);
  stop.abort();
});
