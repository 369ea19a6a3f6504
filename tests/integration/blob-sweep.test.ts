import { afterAll, beforeAll, expect, test } from 'vitest';
import { sweepBlobs } from '#backend/blobs/blob-sweep.ts';
import { sha256 } from '#core/contract/ids.ts';
import { connectNats, type Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { TestKanade } from '../support/kanade.ts';
import { quietLog } from '../support/quiet-log.ts';

let kanade: TestKanade;
let nats: Nats;
beforeAll(async () => {
  kanade = await TestKanade.start();
  const signal = new AbortController().signal;
  nats = await connectNats({
    servers: kanade.broker.url,
    name: 'test',
    signal,
    random: Math.random,
    mono: () => performance.now(),
    wall: Date.now,
    log: quietLog,
  });
});
afterAll(async () => {
  await nats.close();
  await kanade[Symbol.asyncDispose]();
});

test('an old script body goes, one that a job or a rollout names stays, and so does a young one', async () => {
  const { backend } = kanade;
  const body = (text: string) => `# ${text}\n${'x'.repeat(5000)}`;
  const job = { id: 'kept', version: '1', execute: { shell: 'sh', script: body('job'), timeout: '1m' } };
  expect((await backend.call('PUT', '/jobs/kept', job)).status).toBe(201);
  await kanade.readyAgent('pc1');
  await backend.submit({ script: body('ad hoc'), target: { pcs: ['pc1'] } });
  const waves = { waves: [1], soak: '1h' };
  await backend.submit({ script: body('rollout'), target: { pcs: ['pc1'] }, rollout: waves });
  const there = async (text: string) => (await kvGet(nats, 'blobs', sha256(body(text)))) !== undefined;

  const written = (await kvGet(nats, 'blobs', sha256(body('ad hoc'))))!.created;
  expect(await sweepBlobs({ nats }, written)).toBe(0);
  expect(await there('ad hoc')).toBe(true);
  expect(await sweepBlobs({ nats }, written + 60_000)).toBe(1);
  expect(await there('ad hoc')).toBe(false);
  expect(await there('job')).toBe(true);
  expect(await there('rollout')).toBe(true);
});
