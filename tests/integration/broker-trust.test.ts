import { execFile } from 'node:child_process';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createAccount } from '@nats-io/nkeys';
import { expect, test } from 'vitest';
import { startBroker } from '#backend/broker/broker.ts';
import { findNatsServer } from '#backend/broker/find-nats-server.ts';
import { provision } from '#backend/broker/provision.ts';
import { saidIn } from '#backend/identity/accounts.ts';
import { pcsAccountJwt } from '#backend/identity/claims.ts';
import { brokerTrust, identityFor, openIdentity } from '#backend/identity/identity.ts';
import { encode } from '#core/contract/codec.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { streamInfo } from '#core/nats/jetstream.ts';
import { kvPut } from '#core/nats/kv.ts';
import { startTestBroker } from '#tests/support/broker.ts';
import { documentedLines } from '#tests/support/documented-lines.ts';
import { connectAsBackend, testTrust } from '#tests/support/identity.ts';
import { TestKanade } from '#tests/support/kanade.ts';
import { startProcess } from '#tests/support/processes.ts';
import { testConnection } from '#tests/support/projection.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';

/** A backend on `dataDir`; its exit code and what it said. */
async function backend(dataDir: string, ...args: string[]): Promise<{ code: number | string; said: string }> {
  const all = ['--data-dir', dataDir, '--listen', '127.0.0.1:0', '--log-level', 'warn', ...args];
  await using started = startProcess('backend/main.ts', all);
  return { code: await started.exited, said: started.output() };
}

test('a broker of another operator, and one that lets everybody in, are told of in plain words, and the backend ends', async () => {
  await using temp = await tempDir();
  const strange = await openIdentity(join(temp.path, 'strange'));
  await using broker = await startTestBroker({ config: await testTrust(strange, join(temp.path, 'accounts')) });
  const refused = await backend(join(temp.path, 'mine'), '--nats', broker.url);
  expect(refused.code).toBe(1);
  expect(refused.said).toMatch(/^broker_refuses: .* trusts another operator.* --write-broker-config/m);

  await using open = await startTestBroker();
  const anybody = await backend(join(temp.path, 'mine'), '--nats', open.url);
  expect(anybody.code).toBe(1);
  expect(anybody.said).toMatch(/^broker_open: .* lets everybody in.* --write-broker-config/m);
});

test('what --write-broker-config writes is what a broker needs, by the line of the docs, and is the same again', async () => {
  await using temp = await tempDir();
  const dataDir = join(temp.path, 'mine');
  const file = join(temp.path, 'kanade.conf');
  const line = (await documentedLines()).find(({ args }) => args.includes('--write-broker-config'))!;
  const { stdout } = await promisify(execFile)(process.execPath, [
    fileURLToPath(new URL('../../core/launch.mjs', import.meta.url)),
    ...[line.program, ...line.with({ '--data-dir': dataDir, '--write-broker-config': file })],
  ]);
  expect(stdout).toContain(file);
  const written = await readFile(file, 'utf8');
  const identity = await openIdentity(dataDir);
  for (const jwt of Object.values((await brokerTrust(identity)).preload)) expect(written).toContain(jwt);
  expect(written).not.toMatch(/S[OAU][A-Z2-7]{50}/); // a seed
  const config = written.replace('/var/lib/nats/kanade-accounts', join(temp.path, 'accounts'));
  await writeFile(file, config);
  const { path: binary } = await findNatsServer();
  // It rejects when the server does not take the file as it is.
  await promisify(execFile)(binary, ['-t', '-c', file]);
  await using broker = await startTestBroker({ config });
  const args = ['--data-dir', dataDir, '--listen', '127.0.0.1:0', '--nats', broker.url];
  await using started = startProcess('backend/main.ts', args);
  expect(await started.ready).toMatchObject({ url: expect.stringContaining('http') });
  expect((await backend(join(temp.path, 'other'), '--open', '--write-broker-config', file)).said).toContain('setting_invalid');
});

test('a data folder that has identities is not opened without them', async () => {
  await using temp = await tempDir();
  await openIdentity(temp.path);
  const { code, said } = await backend(temp.path, '--open');
  expect(code).toBe(1);
  expect(said).toContain('identity_there');
});

test('the admin token is renewed by the line of the docs', async () => {
  await using kanade = await TestKanade.start({ identities: true });
  const { dataDir } = kanade.backend;
  await kanade.backend.process.stop();
  const lines = (await documentedLines()).filter(({ args }) => args.includes('--new-admin-token'));
  const line = lines.find(({ program }) => program === 'backend')!;
  const all = [...line.args, '--data-dir', dataDir, '--listen', '127.0.0.1:0', '--nats', kanade.broker.url];
  await using again = startProcess('backend/main.ts', all);
  await again.ready;
  expect((await readFile(join(dataDir, 'admin.token'), 'utf8')).trim()).not.toBe(kanade.backend.token);
});

test('keys that cannot be read are said so, and none are made in their place', async () => {
  await using temp = await tempDir();
  const { folder } = await openIdentity(temp.path);
  for (const file of ['broker-keys.json', 'accounts.json']) {
    await using whole = await tempDir();
    const { folder: other } = await openIdentity(whole.path);
    await writeFile(join(other, file), '{"operator": "half a');
    await expect(openIdentity(whole.path)).rejects.toMatchObject({ code: 'identity_unreadable', message: expect.stringContaining(file) });
  }
  expect((await openIdentity(temp.path)).folder).toBe(folder);
  expect(await identityFor({ open: true, dataDir: join(temp.path, 'none') })).toBeUndefined();
});

test('what another operator says of the accounts is refused: nobody else names who may sign our PCs', async () => {
  await using temp = await tempDir();
  const [ours, theirs] = await Promise.all(['ours', 'theirs'].map((name) => openIdentity(join(temp.path, name))));
  const file = join(ours!.folder, 'accounts.json');
  const stranger = createAccount().getPublicKey();
  const signers = [theirs!.keys.pcsSigning.getPublicKey(), stranger];
  // Of our account by their operator, and of their account by our operator.
  const forgeries = [
    await pcsAccountJwt({ ...theirs!.keys, pcs: ours!.keys.pcs }, signers, {}),
    await pcsAccountJwt({ ...ours!.keys, pcs: theirs!.keys.pcs }, signers, {}),
  ];
  for (const pcs of [...forgeries, theirs!.accounts.pcs]) {
    await writeFile(file, encode({ ...ours!.accounts, pcs }));
    const opening = openIdentity(join(temp.path, 'ours'));
    await expect(opening).rejects.toMatchObject({ code: 'identity_unreadable', message: expect.stringContaining('accounts.json') });
  }
  // Those that our operator has named stay.
  await writeFile(file, encode({ ...ours!.accounts, pcs: await pcsAccountJwt(ours!.keys, [stranger], {}) }));
  const kept = saidIn((await openIdentity(join(temp.path, 'ours'))).accounts).signers.pcs;
  expect(kept).toEqual([ours!.keys.pcsSigning.getPublicKey(), stranger]);
  await rm(file);
  expect(saidIn((await openIdentity(join(temp.path, 'ours'))).accounts).signers.pcs).toEqual([kept[0]]);
});

test('the keys are the same after a restart, and nobody else reads them', async () => {
  await using temp = await tempDir();
  const first = await openIdentity(temp.path);
  const second = await openIdentity(temp.path);
  expect(second.keys.operator.getPublicKey()).toBe(first.keys.operator.getPublicKey());
  expect(second.accounts).toEqual(first.accounts);
  if (process.platform === 'win32') return;
  expect((await stat(first.folder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(first.folder, 'broker-keys.json'))).mode & 0o777).toBe(0o600);
});

test('two programs that start at once over one folder have the same keys', async () => {
  await using temp = await tempDir();
  const both = await Promise.all([openIdentity(temp.path), openIdentity(temp.path)]);
  expect(new Set(both.map(({ keys }) => keys.operator.getPublicKey())).size).toBe(1);
});

test('what was stored in open mode is there with identities too', async () => {
  await using temp = await tempDir();
  const { signal } = new AbortController();
  const { path: binary } = await findNatsServer();
  const said: string[] = [];
  const options = {
    binary,
    dataDir: temp.path,
    listen: { host: '127.0.0.1', port: 0 },
    signal,
    log: (line: string) => void said.push(line),
  };
  {
    await using broker = await startBroker(options);
    await using nats = await testConnection(broker.url, signal);
    await provision(nats, { signal, log: quietLog });
    await kvPut(nats, 'jobs', 'tidy', encode({ id: 'tidy' }));
    await nats.publishStored('results.x.PC1', encode({ result: 1 }));
  }
  const identity = await openIdentity(temp.path);
  for (const times of [1, 2]) {
    await using broker = await startBroker({ ...options, trust: () => brokerTrust(identity) });
    await using nats = await connectAsBackend(broker.url, identity, signal);
    await provision(nats, { signal, log: quietLog });
    expect((await kvGet(nats, 'jobs', 'tidy'))?.revision).toBe(1);
    expect((await streamInfo(nats, 'RESULTS')).state.messages).toBe(times);
    await nats.publishStored('results.y.PC1', encode({ result: 2 }));
  }
  expect(said.filter((line) => line.includes('open mode'))).toHaveLength(1);
  // The keys are gone: with new ones there is nothing, which is not to look as if nothing had ever been.
  await rm(identity.folder, { recursive: true });
  const missing = { code: 'identity_missing', message: expect.stringContaining(identity.keys.backends.getPublicKey()) };
  await expect(openIdentity(temp.path)).rejects.toMatchObject(missing);
  // None were made: the next start says the same.
  await expect(openIdentity(temp.path)).rejects.toMatchObject(missing);
  await using elsewhere = await tempDir();
  const others = await openIdentity(elsewhere.path);
  await expect(startBroker({ ...options, trust: () => brokerTrust(others) })).rejects.toMatchObject(missing);
  // What it says to do without a backup.
  const streams = join(temp.path, 'broker', 'store', 'jetstream');
  await rename(join(streams, identity.keys.backends.getPublicKey()), join(streams, '$G'));
  await rm(join(temp.path, 'broker', 'accounts'), { recursive: true });
  const anew = await openIdentity(temp.path);
  await using broker = await startBroker({ ...options, trust: () => brokerTrust(anew) });
  await using nats = await connectAsBackend(broker.url, anew, signal);
  expect((await kvGet(nats, 'jobs', 'tidy'))?.revision).toBe(1);
});
