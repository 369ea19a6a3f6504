import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAccount } from '@nats-io/nkeys';
import { expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import { SealingKey } from '#core/contract/seal.ts';
import { instant } from '#core/contract/time.ts';
import { FakePc } from '#tests/support/fake-pc.ts';
import { connectAsBackend } from '#tests/support/identity.ts';
import { type Json, type TestBackend, TestKanade } from '#tests/support/kanade.ts';
import { until } from '#tests/support/until.ts';

const keyFile = (backend: TestBackend) => join(backend.dataDir, 'identity', 'command-keys.json');
const keyOf = async (backend: TestBackend) => SealingKey.fromPem(JSON.parse(await readFile(keyFile(backend), 'utf8')).own[0].private_key);
const stateAt = async (backend: TestBackend, id: string): Promise<string | undefined> =>
  (await backend.get('/command-keys')).items.find((key: Json) => key.id === id)?.state;

function planted(backendId: string): { key: SealingKey; entry: Json } {
  const key = SealingKey.generate();
  const at = instant(Date.now() - 1000);
  return { key, entry: { public_key: key.publicKey, backend_id: backendId, created_at: at, active_from: at } };
}

test('whoever has a command key and the broker makes nobody a backend by it', async () => {
  await using kanade = await TestKanade.start({ identities: true });
  const { code } = (await kanade.backend.call('POST', '/backends/join-codes')).body;
  const two = await kanade.startBackend('two', ['--join', code, '--server', kanade.backend.url]);
  const backends = (await kanade.backend.get('/backends')).items;
  const mine = backends.find((row: Json) => row.own).id;
  const stop = new AbortController();
  await using nats = await connectAsBackend(kanade.broker.url, kanade.identity!, stop.signal);
  const put = async (by: SealingKey, subject: string, value: unknown) => {
    const bytes = encode(value);
    await nats.publishStored(subject, bytes, { headers: by.seal(subject, bytes, 'never'), asItCame: true });
  };
  const account = () => createAccount().getPublicKey();
  const evil = { system: account(), backends: account(), pcs: account() };
  for (const [backendId, by] of [
    ['zzzz', await keyOf(kanade.backend)],
    [mine, await keyOf(kanade.backend)],
    ['yyyy', await keyOf(two)],
  ] as const) {
    const { key, entry } = planted(backendId);
    await put(by, `$KV.command_keys.${key.id}`, entry);
    if (backendId !== mine)
      await put(by, `$KV.backends.${backendId}`, {
        backend_id: backendId,
        joined_at: entry.created_at,
        signing_keys: evil,
        operator: false,
      });
    const holder = backendId === 'yyyy' ? two : kanade.backend;
    await until('whose key it was takes it back', async () => (await stateAt(holder, key.id)) === 'retired');
    const said = await until('it is audited', async () =>
      (await kanade.backend.get('/audit?action=command_key_learn')).items.find(
        (item: Json) => item.target === `command-keys/${key.id}` && item.result === 'unknown_key',
      ),
    );
    expect(said.after).toMatchObject({ backend_id: backendId, sealed_by: by.id });
    // The other one takes the first's word for who is in, that of nobody else, and hears that it was none.
    for (const backend of [kanade.backend, two])
      await until('it counts nowhere', async () => [undefined, 'retired'].includes(await stateAt(backend, key.id)));
  }
  await kanade.backend.call('POST', '/command-keys', { activate_in: '0s', overlap: '0s' });
  const enrolled = (await new FakePc(kanade.backend, 'PC1').enrol(await kanade.backend.enrolmentToken())) as Json;
  expect(enrolled.command_keys).toHaveLength(3);
  const accounts = await readFile(join(kanade.backend.dataDir, 'identity', 'accounts.json'), 'utf8');
  for (const jwt of Object.values(JSON.parse(accounts)) as string[])
    expect(Buffer.from(jwt.split('.')[1]!, 'base64url').toString()).not.toContain(evil.backends);
  expect((await kanade.backend.get('/backends')).items.filter((row: Json) => row.state === 'in')).toHaveLength(2);
  // What a backend makes itself the others go on to believe.
  const made = await two.call('POST', '/command-keys', { activate_in: '1h', overlap: '1h' });
  await until('the first knows', async () => (await stateAt(kanade.backend, made.body.id)) === 'next');
  stop.abort();
});

test('a key that counts already and is of nobody who was let in goes with a new command key, and when a backend is put out', async () => {
  await using kanade = await TestKanade.start({ identities: true });
  const plant = async (flags: string[]) => {
    await kanade.backend.process.stop();
    const { key, entry } = planted('zzzz');
    const kept = JSON.parse(await readFile(keyFile(kanade.backend), 'utf8'));
    await writeFile(keyFile(kanade.backend), JSON.stringify({ ...kept, trusted: [...kept.trusted, entry] }));
    kanade.backend = await kanade.startBackend('one', flags);
    return key.id;
  };
  const before = await plant(['--new-command-key']);
  expect(await stateAt(kanade.backend, before)).toBe('retired');
  const id = await plant([]);
  expect(await stateAt(kanade.backend, id)).toBe('active');
  const { code } = (await kanade.backend.call('POST', '/backends/join-codes')).body;
  const two = await kanade.startBackend('two', ['--join', code, '--server', kanade.backend.url]);
  const other = (await kanade.backend.get('/backends')).items.find((row: Json) => !row.own).id;
  expect((await kanade.backend.call('DELETE', `/backends/${other}`)).status).toBe(200);
  expect(await stateAt(kanade.backend, id)).toBe('retired');
  await two.process.kill();
});
