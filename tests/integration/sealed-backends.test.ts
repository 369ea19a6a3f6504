import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { entryOfKey, keepKeysToJoin, keyToJoin } from '#backend/seal/join.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade } = await kanadeOfFile({ sealed: true });

test('a backend that nobody vouches for is none: it does not start, and nothing it says counts', async () => {
  await expect(kanade.startBackend('two')).rejects.toMatchObject({ code: 'command_key_lost' });
});

test('one that the first vouches for is believed by backends and PCs, and hears of new keys', async () => {
  const [first] = (await kanade.backend.get('/command-keys')).items;
  const { public_key, backend_id, created_at, active_from } = first;
  const dataDir = join(kanade.dir, 'two');
  const backendId = 'second';
  await mkdir(join(dataDir, 'backend'), { recursive: true });
  await writeFile(join(dataDir, 'backend', 'backend.json'), JSON.stringify({ backend_id: backendId }));
  const path = join(dataDir, 'identity', 'command-keys.json');
  const trusted = [{ public_key, backend_id, created_at, active_from }];
  const key = keyToJoin(Date.now());
  await keepKeysToJoin(path, key, trusted);
  // The first alone lets others in.
  await kanade.backend.process.stop();
  const firstPath = join(kanade.backend.dataDir, 'identity', 'command-keys.json');
  const kept = JSON.parse(await readFile(firstPath, 'utf8'));
  await writeFile(firstPath, JSON.stringify({ ...kept, trusted: [entryOfKey(key, backendId)] }));
  kanade.backend = await kanade.startBackend();
  const two = await kanade.startBackend('two');
  await until('the first has heard of it', async () => (await kanade.backend.get('/command-keys')).items.length === 2);
  await kanade.tellKeys();
  await kanade.readyAgent('pc1');

  // Whichever of the two sends it: the other reads what it has said.
  for (const backend of [two, kanade.backend, two]) {
    const exec = await backend.submit({ script: 'true', target: { pcs: ['pc1'] } });
    await kanade.backend.inState(exec, 'pc1', 'succeeded');
    await two.inState(exec, 'pc1', 'succeeded');
  }
  await two.call('PUT', '/agents/pc1/groups', { groups: ['lab'] });
  await until('the first knows', async () => (await kanade.backend.get('/agents/pc1')).groups.includes('lab'));

  // A key that the second makes is known to the first before it is used, and one that it retires is retired.
  const made = await two.call('POST', '/command-keys', { activate_in: '2s', overlap: '1h' });
  const states = async (): Promise<Record<string, string>> =>
    Object.fromEntries((await kanade.backend.get('/command-keys')).items.map(({ id, state }: Json) => [id, state]));
  await until('it is known and in use', async () => (await states())[made.body.id] === 'active');
  await kanade.tellKeys();
  const exec = await two.submit({ script: 'true', target: { pcs: ['pc1'] } });
  await kanade.backend.inState(exec, 'pc1', 'succeeded');
  const id = (await two.get('/command-keys')).items.find((key: Json) => key.own && key.id !== made.body.id).id;
  // By the other backend, as for one that is gone for good.
  expect((await kanade.backend.call('POST', `/command-keys/${id}/retire`)).body.state).toBe('retired');
  await until('its owner knows', async () => (await two.get('/command-keys')).items.find((key: Json) => key.id === id).state === 'retired');
  expect(await kanade.backend.get('/agents/pc1')).toMatchObject({ groups: ['lab'] });
  expect((await kanade.backend.get('/dead-letters')).items).toEqual([]);
  expect((await kanade.backend.get('/events?pc=pc1&kind=refused')).items).toEqual([]);
  // What another backend says by a key that is new is no forgery.
  expect((await kanade.backend.get('/events?kind=forged')).items).toEqual([]);
});
