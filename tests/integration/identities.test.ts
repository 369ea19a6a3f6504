import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import { connectAsPc, issuePc } from '#tests/support/identity.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade } = await kanadeOfFile({ identities: true });
const stop = new AbortController();

test('a PC with an identity runs a command, and its forged result for another PC is refused', async () => {
  await kanade.readyAgent('pc1');
  const exec = await kanade.backend.submit({ script: 'echo hello', target: { pcs: ['pc1'] } });
  const { result_id } = await kanade.backend.inState(exec, 'pc1', 'succeeded');
  expect((await kanade.backend.get(`/results/${result_id}`)).stdout).toBe('hello\n');

  const { credential } = await issuePc(kanade.identity!, 'PC2');
  await using thief = await connectAsPc(kanade.broker.url, 'PC2', credential, stop.signal);
  const forged = thief.publishStored(`results.${exec}.PC1`, encode({ forged: true }), { timeout: 5000 });
  await expect(forged).rejects.toMatchObject({ code: 'forbidden' });
  const own = await thief.publishStored(`results.${exec}.PC2`, encode({ nonsense: true }), { timeout: 5000 });
  expect(own.stream).toBe('RESULTS');
});

test('a PC that has enrolled hears of a new command key from its server, and goes on when the old one is retired', async () => {
  const { backend } = kanade;
  const [old] = (await backend.get('/command-keys')).items;
  const made = await backend.call('POST', '/command-keys', { activate_in: '0s', overlap: '1h' });
  expect([made.status, made.body.state]).toEqual([201, 'active']);
  const exec = await backend.submit({ script: 'true', target: { pcs: ['pc1'] } });
  await backend.inState(exec, 'pc1', 'succeeded');
  expect((await backend.call('POST', `/command-keys/${old.id}/retire`)).status).toBe(200);
  const again = await backend.submit({ script: 'true', target: { pcs: ['pc1'] } });
  await backend.inState(again, 'pc1', 'succeeded');
  expect((await backend.get('/events?pc=pc1&kind=refused')).items).toEqual([]);
});

test('a command key that is lost is replaced on the backend machine, and PCs hear of it', async () => {
  await kanade.backend.process.stop();
  await rm(join(kanade.backend.dataDir, 'identity', 'command-keys.json'));
  await expect(kanade.startBackend()).rejects.toThrow(/command_key_lost/);
  // Where PCs have been told that it is.
  const listen = new URL(kanade.backend.url).host;
  kanade.backend = await kanade.startBackend('one', ['--new-command-key', '--listen', listen]);
  await kanade.backend.agentReady('pc1');
  const exec = await kanade.backend.submit({ script: 'true', target: { pcs: ['pc1'] } });
  await until('it has run', async () => (await kanade.backend.target(exec, 'pc1')).state === 'succeeded', 100_000);
});
