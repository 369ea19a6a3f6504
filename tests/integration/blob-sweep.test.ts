import { expect, test } from 'vitest';
import { sweepBlobs } from '#backend/blobs/blob-sweep.ts';
import { blobName } from '#core/contract/blob.ts';
import { sha256 } from '#core/contract/ids.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';

const { kanade, nats } = await kanadeOfFile();

test('an old script body goes, one that a job or a rollout names stays, and so does a young one', async () => {
  const { backend } = kanade;
  const body = (text: string) => `# ${text}\n${'x'.repeat(5000)}`;
  const job = { id: 'kept', version: '1', execute: { shell: 'sh', script: body('job'), timeout: '1m' } };
  expect((await backend.call('PUT', '/jobs/kept', job)).status).toBe(201);
  await kanade.readyAgent('pc1');
  await backend.submit({ script: body('ad hoc'), target: { pcs: ['pc1'] } });
  const waves = { waves: [1], soak: '1h' };
  await backend.submit({ script: body('rollout'), target: { pcs: ['pc1'] }, rollout: waves });
  const there = async (text: string) => (await kvGet(nats, 'blobs', blobName(sha256(body(text))))) !== undefined;

  const written = (await kvGet(nats, 'blobs', blobName(sha256(body('ad hoc')))))!.created;
  expect(await sweepBlobs({ nats }, written)).toBe(0);
  expect(await there('ad hoc')).toBe(true);
  expect(await sweepBlobs({ nats }, written + 60_000)).toBe(1);
  expect(await there('ad hoc')).toBe(false);
  expect(await there('job')).toBe(true);
  expect(await there('rollout')).toBe(true);
});
