import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AccountKeeper } from '#backend/identity/account-keeper.ts';
import { ownCredential } from '#backend/identity/claims.ts';
import { type Identity, openIdentity } from '#backend/identity/identity.ts';
import { openIssuer } from '#backend/identity/open-issuer.ts';
import { askEveryServer } from '#backend/identity/servers.ts';
import { connectNats, type Nats } from '#core/nats/connection.ts';
import { startTestCluster } from '#tests/support/cluster.ts';
import { connectAsBackend, connectAsPc, issuePc, keysOf, letsIn, testTrust } from '#tests/support/identity.ts';
import { TestKanade } from '#tests/support/kanade.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

function stopper(): AbortSignal {
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  return stop.signal;
}

/** As a backend on the same data folder would have it. */
function issuerOf(url: string, identity: Identity, nats: Nats, signal: AbortSignal) {
  return openIssuer({
    identity,
    nats,
    servers: url,
    name: 'a test',
    clock: Date.now,
    wall: Date.now,
    mono: () => performance.now(),
    random: Math.random,
    log: quietLog,
    reconnectDelay: () => 100,
    signal,
  });
}

test('revoking cuts a live connection, and holds when broker and backend have started again', async () => {
  await using kanade = await TestKanade.start({ identities: true });
  const signal = stopper();
  const identity = kanade.identity!;
  const { credential, publicKey } = await issuePc(identity, 'THIEF');
  const other = await issuePc(identity, 'HONEST');
  await using thief = await connectAsPc(kanade.broker.url, 'THIEF', credential, signal);
  await using honest = await connectAsPc(kanade.broker.url, 'HONEST', other.credential, signal);
  await using nats = await connectAsBackend(kanade.broker.url, identity, signal, { seal: await keysOf(kanade.backend) });
  const { issuer, system } = await issuerOf(kanade.broker.url, identity, nats, signal);
  await using _system = system;

  await issuer.revoke({ publicKey, pcId: 'THIEF', by: 'admin' });
  await until('it is cut', () => !thief.connected);
  expect(honest.connected).toBe(true);
  expect(await letsIn(kanade.broker.url, 'THIEF', credential)).toBe(false);
  await expect(issuer.issue({ publicKey, pcId: 'THIEF', now: Date.now() })).rejects.toMatchObject({ code: 'identity_revoked' });

  await kanade.broker.restart();
  expect(await letsIn(kanade.broker.url, 'THIEF', credential)).toBe(false);

  // The backend, whose own word on the accounts is newer; and the broker with what the backend starts it with.
  await kanade.backend.process.kill();
  await kanade.startBackend();
  expect(await letsIn(kanade.broker.url, 'THIEF', credential)).toBe(false);
  expect(await letsIn(kanade.broker.url, 'HONEST', other.credential)).toBe(true);
});

test('a broker that has lost what it knew of the accounts is told again', async () => {
  await using kanade = await TestKanade.start({ identities: true });
  const signal = stopper();
  const { credential, publicKey } = await issuePc(kanade.identity!, 'THIEF');
  // The test's broker is started each time with the accounts as they were at first.
  await using nats = await connectAsBackend(kanade.broker.url, kanade.identity!, signal, { seal: await keysOf(kanade.backend) });
  const { issuer, system } = await issuerOf(kanade.broker.url, await openIdentity(join(kanade.dir, 'one')), nats, signal);
  await using _system = system;
  await issuer.revoke({ publicKey, pcId: 'THIEF', by: 'admin' });
  await rm(join(kanade.dir, 'accounts'), { recursive: true });
  await kanade.broker.restart();
  await until('the backend has told it', async () => !(await letsIn(kanade.broker.url, 'THIEF', credential)));
});

test('in a cluster it counts when every server has confirmed it, and one that was away hears it when it is back', async () => {
  await using temp = await tempDir();
  const signal = stopper();
  const identity = await openIdentity(temp.path);
  const configs = await Promise.all([0, 1, 2].map((n) => testTrust(identity, join(temp.path, `accounts-${n}`))));
  await using cluster = await startTestCluster((n) => configs[n]!);
  const credential = await ownCredential(identity.signers.system, 'a test');
  const parts = { name: 'a test', signal, random: Math.random, mono: () => performance.now(), wall: Date.now, log: quietLog };
  const [first, second, third] = cluster.servers as [(typeof cluster.servers)[0], (typeof cluster.servers)[0], (typeof cluster.servers)[0]];
  await using system = await connectNats({ ...parts, servers: first.url, authenticator: () => credential });
  const keeper = new AccountKeeper({ identity, system, clock: Date.now, mono: parts.mono });
  await until('all three are one', async () => (await askEveryServer(system, '$SYS.REQ.SERVER.PING', new Uint8Array(), 1000)).length === 3);
  await keeper.tell([]);

  const one = await issuePc(identity, 'ONE');
  await using thief = await connectAsPc(second.url, 'ONE', one.credential, signal);
  await keeper.tell([{ publicKey: one.publicKey, at: Date.now() }]);
  await until('it is cut on another server than the one that was told', () => !thief.connected);
  for (const { url } of cluster.servers) expect(await letsIn(url, 'ONE', one.credential)).toBe(false);

  await third.kill();
  const two = await issuePc(identity, 'TWO');
  await expect(keeper.tell([{ publicKey: two.publicKey, at: Date.now() }])).rejects.toMatchObject({
    code: 'revocation_pending',
    message: expect.stringMatching(/^test-\d+ of the broker's 3 servers/),
  });
  expect(await letsIn(first.url, 'TWO', two.credential)).toBe(false);
  await third.restart();
  await until('all have confirmed it', () => keeper.tell([]).then(() => true));
  expect(await letsIn(third.url, 'TWO', two.credential)).toBe(false);
});
