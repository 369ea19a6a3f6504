import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SEAL_HEADERS } from '#core/contract/seal.ts';
import { subjects } from '#core/contract/subjects.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { TestKanade } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade: open, nats } = await kanadeOfFile();

test('what a broker holds from its time in open mode is adopted at the first start with identities', async () => {
  await open.readyAgent('pc1').then((agent) => agent.stop());
  await open.offAgent('pc2');
  const { backend } = open;
  await backend.call('PUT', '/jobs/tidy', { id: 'tidy', version: '1', execute: { shell: 'sh', script: 'true', timeout: '60s' } });
  await backend.call('PUT', '/agents/pc1/groups', { groups: ['lab'] });
  await backend.call('PUT', '/freeze', {});
  await backend.call('DELETE', '/freeze');
  const waits = await backend.submit({ script: 'true', target: { pcs: ['pc1'] } });
  await until('it is stored', () => lastMessage(nats, 'EXEC', subjects.commandPc('PC1', waits)));
  await backend.process.stop();

  // The same broker and the same folders, now with identities.
  const on = { ...open.broker, [Symbol.asyncDispose]: async () => {} };
  await using kanade = await TestKanade.start({ on, sealed: true, backend: false, dir: open.dir });
  kanade.backend = await kanade.startBackend();
  const [key] = (await kanade.backend.get('/command-keys')).items;
  const sealedBy = async (stream: string, subject: string) => (await lastMessage(nats, stream, subject))?.header(SEAL_HEADERS.key);
  expect(await sealedBy('KV_jobs', '$KV.jobs.tidy')).toBe(key.id);
  expect(await sealedBy('KV_config', '$KV.config.freeze')).toBe(key.id);
  expect(await sealedBy('EXEC', subjects.commandPc('PC1', waits))).toBe(key.id);
  expect(await sealedBy('EXECUTIONS', subjects.submitted(waits))).toBeUndefined();
  expect((await kanade.backend.get('/freeze')).frozen).toBe(false);
  expect((await kanade.backend.get('/agents')).items.map(({ pc_id }: { pc_id: string }) => pc_id)).toEqual(['PC1', 'PC2']);
  const [audited] = (await kanade.backend.get('/audit?action=broker_adopt')).items;
  expect(audited.after).toMatchObject({ commands: 1, executions: 1, new_command_key: false });

  await kanade.readyAgent('pc1');
  await kanade.backend.inState(waits, 'pc1', 'succeeded');
  const again = await kanade.backend.call('POST', `/executions/${waits}/rerun`, { states: ['succeeded'] });
  expect(again.status).toBe(202);

  // Only what was there: the same message under another id is nobody's.
  const { data } = (await lastMessage(nats, 'EXECUTIONS', subjects.submitted(waits)))!;
  await nats.publishStored(subjects.submitted('another'), data);
  await kanade.backend.process.stop();
  for (const suffix of ['', '-wal', '-shm']) await rm(join(kanade.dir, 'one', 'backend', `projection.db${suffix}`), { force: true });
  kanade.backend = await kanade.startBackend();
  await kanade.backend.inState(waits, 'pc1', 'succeeded');
  const letters = await until('the other is a dead letter', async () => {
    const { items } = await kanade.backend.get('/dead-letters');
    return items.length > 0 && items;
  });
  expect(letters.map(({ subject, code }: { subject: string; code: string }) => [subject, code])).toEqual([
    [subjects.submitted('another'), 'unsigned'],
  ]);
  expect((await kanade.backend.get('/audit?action=broker_adopt')).items).toHaveLength(1);
});
