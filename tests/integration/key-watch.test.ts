import { expect, test } from 'vitest';
import { ownCredential } from '#backend/identity/claims.ts';
import { openIdentity } from '#backend/identity/identity.ts';
import { type SharedKey, watchKeys } from '#backend/identity/key-watch.ts';
import { connectNats } from '#core/nats/connection.ts';
import { startTestBroker } from '#tests/support/broker.ts';
import { halfOpenLink } from '#tests/support/half-open.ts';
import { connectAsPc, issuePc, testTrust } from '#tests/support/identity.ts';
import { TestKanade } from '#tests/support/kanade.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

/** Milliseconds: long enough that a connection which lives has said something. */
const LOOK_AFTER = 2000;

test('two connections that both live are told of once; one that came back beside its own dead one is not', async () => {
  await using temp = await tempDir();
  const identity = await openIdentity(temp.path);
  await using broker = await startTestBroker({ config: await testTrust(identity, `${temp.path}/accounts`) });
  const stop = new AbortController();
  const { signal } = stop;
  const credential = await ownCredential(identity.signers.system, 'a test');
  const parts = { name: 'a test', signal, random: Math.random, mono: () => performance.now(), wall: Date.now, log: quietLog };
  await using system = await connectNats({ ...parts, servers: broker.url, authenticator: () => credential });
  const shared: SharedKey[] = [];

  const thief = await issuePc(identity, 'STOLEN');
  // There before anybody watches.
  await using first = await connectAsPc(broker.url, 'STOLEN', thief.credential, signal);
  const onShared = (what: SharedKey) => void shared.push(what);
  const watching = watchKeys({ system, account: identity.keys.pcs.getPublicKey(), onShared, log: quietLog, lookAfter: LOOK_AFTER }, signal);
  await using second = await connectAsPc(broker.url, 'STOLEN', thief.credential, signal);

  const honest = await issuePc(identity, 'HONEST');
  await using link = await halfOpenLink(broker.port);
  await using _before = await connectAsPc(link.url, 'HONEST', honest.credential, signal);
  link.silence();
  await using after = await connectAsPc(broker.url, 'HONEST', honest.credential, signal);

  const lively = [first, second, after];
  const talking = setInterval(() => lively.map((nats) => nats.publish('heartbeat.X', new Uint8Array())), 200);
  await until('it is noticed', () => shared.length > 0);
  expect(shared).toEqual([{ publicKey: thief.publicKey, pcId: 'STOLEN', hosts: ['127.0.0.1'] }]);

  // A third beside them is news again; by then the honest one has been looked at.
  await using third = await connectAsPc(broker.url, 'STOLEN', thief.credential, signal);
  lively.push(third);
  await until('the third is noticed', () => shared.length > 1);
  expect(shared.map(({ pcId }) => pcId)).toEqual(['STOLEN', 'STOLEN']);

  // Who leaves before anybody looks has been there all the same.
  {
    await using fleeting = await connectAsPc(broker.url, 'STOLEN', thief.credential, signal);
    await fleeting.flush();
  }
  await until('it is noticed that somebody was there', () => shared.length > 2);
  clearInterval(talking);
  stop.abort();
  await watching;
});

test('the holder of the lease says it as an event of that PC, and cuts nobody', async () => {
  await using kanade = await TestKanade.start({ identities: true, keyLookAfter: LOOK_AFTER });
  const stop = new AbortController();
  const { credential } = await issuePc(kanade.identity!, 'STOLEN');
  await using first = await connectAsPc(kanade.broker.url, 'STOLEN', credential, stop.signal);
  await using second = await connectAsPc(kanade.broker.url, 'STOLEN', credential, stop.signal);
  const talking = setInterval(() => [first, second].map((nats) => nats.publish('heartbeat.STOLEN', new Uint8Array())), 200);
  const event = await until('it is said', async () => {
    const { items } = await kanade.backend.get('/events?pc=STOLEN&kind=conflict');
    return items[0];
  });
  clearInterval(talking);
  expect(event).toMatchObject({ code: 'key_shared', detail: expect.stringContaining('127.0.0.1') });
  expect([first.connected, second.connected]).toEqual([true, true]);
  stop.abort();
});
