import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SEAL_HEADERS } from '#core/contract/seal.ts';
import { subjects } from '#core/contract/subjects.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile({ sealed: true });
const keyFile = () => join(kanade.backend.dataDir, 'identity', 'command-keys.json');

async function keys(): Promise<Json[]> {
  return (await kanade.backend.get('/command-keys')).items;
}

async function keyOf(stream: string, subject: string): Promise<string | undefined> {
  return (await until(`${subject} is there`, () => lastMessage(nats, stream, subject))).header(SEAL_HEADERS.key);
}

async function runs(pc: string): Promise<void> {
  const exec = await kanade.backend.submit({ script: 'true', target: { pcs: [pc] } });
  await kanade.backend.inState(exec, pc, 'succeeded');
}

async function restartBackend(...flags: string[]): Promise<void> {
  await kanade.backend.process.stop();
  kanade.backend = await kanade.startBackend('one', flags);
}

test('the first start makes a key that nobody else can read, and says whose it is', async () => {
  await kanade.readyAgent('pc1');
  expect((await stat(keyFile())).mode & 0o777).toBe(0o600);
  expect((await stat(join(keyFile(), '..'))).mode & 0o777).toBe(0o700);
  const [key, ...others] = await keys();
  expect(others).toEqual([]);
  expect(key).toMatchObject({ state: 'active', own: true, retired_at: null });
  expect(await keyOf('KV_agents', '$KV.agents.PC1')).toBe(key.id);
  expect((await kanade.backend.call('POST', `/command-keys/${key.id}/retire`)).body.code).toBe('command_key_state');
  expect((await kanade.backend.call('POST', '/command-keys/nobody/retire')).status).toBe(404);
});

test('a further key seals when its time has come; until then and after, what either has sealed counts', async () => {
  await kanade.backend.call('PUT', '/agents/pc1/groups', { groups: ['lab'] });
  await kanade.offAgent('pc2');
  const waits = await kanade.backend.submit({ script: 'true', target: { pcs: ['pc2'] } });
  const [old] = await keys();
  const early = await kanade.backend.call('POST', '/command-keys', { activate_in: '2s', overlap: '0s' });
  expect([early.status, early.body.code]).toEqual([422, 'invalid_body']);
  const made = await kanade.backend.call('POST', '/command-keys', { activate_in: '2s', overlap: '1h' });
  expect([made.status, made.body.state]).toEqual([201, 'next']);
  expect((await kanade.backend.call('POST', '/command-keys', {})).body.code).toBe('command_key_state');
  expect((await keys()).map(({ state }) => state)).toEqual(['active', 'next']);
  // PC1 does not know the new one: it asks for it when it comes.
  await kanade.tellKeys();
  await until('the new one seals', async () => (await keys())[1].state === 'active');
  expect((await keys())[0]).toMatchObject({ id: old.id, state: 'retiring' });
  await runs('pc1');
  expect((await kanade.backend.get('/events?pc=pc1&kind=refused')).items).toEqual([]);

  // All that the old one has sealed is sealed anew, what still waits for a PC too.
  await until('it is sealed anew', async () => (await keyOf('KV_agent_groups', '$KV.agent_groups.PC1')) === made.body.id, 60_000);
  await until('so is the command', async () => (await keyOf('EXEC', subjects.commandPc('PC2', waits))) === made.body.id, 60_000);
  const retired = await kanade.backend.call('POST', `/command-keys/${old.id}/retire`);
  expect([retired.status, retired.body.state]).toEqual([200, 'retired']);
  await kanade.tellKeys();
  await restartBackend();
  await kanade.readyAgent('pc2');
  await kanade.backend.inState(waits, 'pc2', 'succeeded');
  await runs('pc1');
  expect(await kanade.backend.get('/agents/pc1/groups')).toMatchObject({ groups: ['lab'] });
  expect((await keys()).map(({ state }) => state)).toEqual(['retired', 'active']);
  const audited = async (action: string) => (await kanade.backend.get(`/audit?action=${action}`)).items.map(({ result }: Json) => result);
  expect(await audited('command_key_make')).toEqual(['command_key_state', 'ok', 'invalid_body']);
  expect(await audited('command_key_retire')).toEqual(['ok', 'not_found', 'command_key_state']);
});

test('history that a retired key has sealed is read again when the projection is made anew', async () => {
  const before = (await kanade.backend.get('/executions')).items.length;
  await kanade.backend.process.stop();
  for (const suffix of ['', '-wal', '-shm']) await rm(join(kanade.backend.dataDir, 'backend', `projection.db${suffix}`), { force: true });
  kanade.backend = await kanade.startBackend();
  await until('all is read', async () => (await kanade.backend.get('/executions')).items.length === before);
  expect((await kanade.backend.get('/dead-letters')).items).toEqual([]);
});

test('a backend without its key does not start over what it has not made, and takes a new key when told to', async () => {
  await kanade.backend.call('PUT', '/freeze', { reason: 'before the loss' });
  await kanade.backend.process.stop();
  const kept = await readFile(keyFile());
  await rm(keyFile());
  await expect(kanade.startBackend()).rejects.toMatchObject({ code: 'command_key_lost' });
  await writeFile(keyFile(), kept.subarray(0, 100));
  await expect(kanade.startBackend()).rejects.toMatchObject({ code: 'command_key_lost' });

  kanade.backend = await kanade.startBackend('one', ['--new-command-key']);
  const [key, ...others] = (await keys()).filter(({ state }) => state !== 'retired');
  expect(others).toEqual([]);
  expect(await keyOf('KV_config', '$KV.config.freeze')).toBe(key.id);
  expect((await kanade.backend.get('/freeze')).reason).toBe('before the loss');
  await kanade.backend.call('DELETE', '/freeze');
  // PCs have never heard of it: they ask.
  await kanade.tellKeys();
  await kanade.backend.agentReady('pc1');
  await runs('pc1');
  const audited = (await kanade.backend.get('/audit?action=broker_adopt')).items;
  expect(audited[0]).toMatchObject({ actor_kind: 'system', after: { new_command_key: true } });
  expect(audited[0].after.executions).toBeGreaterThan(0);

  // And once more the history is what it was, over the loss of the key that has sealed it.
  await kanade.backend.process.stop();
  for (const suffix of ['', '-wal', '-shm']) await rm(join(kanade.backend.dataDir, 'backend', `projection.db${suffix}`), { force: true });
  kanade.backend = await kanade.startBackend();
  await runs('pc1');
  expect((await kanade.backend.get('/dead-letters')).items).toEqual([]);
});

test('with a new key in place of one that others may have, what that one says is not believed', async () => {
  const stolen = JSON.parse(await readFile(keyFile(), 'utf8')).own.at(-1).private_key;
  await restartBackend('--new-command-key');
  await kanade.tellKeys();
  await kanade.backend.agentReady('pc1');
  await runs('pc1');
  const { SealingKey } = await import('#core/contract/seal.ts');
  const thief = SealingKey.fromPem(stolen);
  const subject = subjects.commandPc('PC1', 'stolen');
  const now = Date.now();
  const command = {
    ...{ id: 'ad-hoc', version: '1', request_id: 'stolen', exec_id: 'stolen', shell: 'sh', script: 'true', timeout_secs: 5 },
    issued_at: new Date(now).toISOString(),
    expires_at: new Date(now + 60_000).toISOString(),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(command));
  await nats.publishStored(subject, bytes, { headers: thief.seal(subject, bytes, command.expires_at) });
  await until('it is refused', async () =>
    (await kanade.backend.get('/events?pc=pc1&kind=refused')).items.some(
      (event: Json) => event.subject === subject && event.code === 'retired_key',
    ),
  );
});

test('an older copy of the keys is not started with: a key that was retired would count again', async () => {
  await kanade.backend.process.stop();
  const older = await readFile(keyFile());
  kanade.backend = await kanade.startBackend();
  const [stolen] = (await keys()).filter(({ state }) => state === 'active');
  // What to do when somebody has the key.
  const made = await kanade.backend.call('POST', '/command-keys', { activate_in: '0s', overlap: '0s' });
  expect([made.status, made.body.state]).toEqual([201, 'active']);
  await kanade.backend.process.stop();
  const newer = await readFile(keyFile());
  await writeFile(keyFile(), older);
  await expect(kanade.startBackend()).rejects.toMatchObject({ code: 'command_key_lost', message: expect.stringContaining('older copy') });
  // And again, as on another machine: the failed start has taken nothing for granted, and the backend's id is not asked for.
  await rm(join(kanade.backend.dataDir, 'backend', 'backend.json'));
  await expect(kanade.startBackend()).rejects.toMatchObject({ code: 'command_key_lost' });

  await writeFile(keyFile(), newer);
  kanade.backend = await kanade.startBackend();
  const state = async (id: string) => (await keys()).find((key) => key.id === id).state;
  expect([await state(stolen.id), await state(made.body.id)]).toEqual(['retired', 'active']);

  // With the newer one lost for good: a new key takes the place of both, at this start and the next.
  await kanade.backend.process.stop();
  await writeFile(keyFile(), older);
  kanade.backend = await kanade.startBackend('one', ['--new-command-key']);
  await restartBackend();
  expect([await state(stolen.id), await state(made.body.id)]).toEqual(['retired', 'retired']);
  await kanade.tellKeys();
  await kanade.backend.agentReady('pc1');
  await runs('pc1');
});
