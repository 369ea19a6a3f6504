import { expect, test } from 'vitest';
import { putBlob } from '#backend/blobs/blobs.ts';
import { getExecution } from '#backend/projectors/read/executions.ts';
import { getDeadLetter, listDeadLetters } from '#backend/projectors/read/said.ts';
import { listTargets } from '#backend/projectors/read/targets.ts';
import { encode } from '#core/contract/codec.ts';
import { sha256 } from '#core/contract/ids.ts';
import { subjects } from '#core/contract/subjects.ts';
import { purgeStream } from '#core/nats/jetstream.ts';
import { projectionBench, raw, result, resultOf, startedOf, submit } from '#tests/support/projection.ts';

const page = { limit: 100 };
const now = () => Date.now();

test('what names another PC or execution than its subject, or is malformed, is a dead letter, and the rest goes on', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  const { nats } = bench;
  await raw(nats, subjects.result('e1', 'PC1'), resultOf('e1', 'PC2'));
  await raw(nats, subjects.result('e1', 'PC1'), resultOf('e2', 'PC1'));
  await raw(nats, subjects.result('e1', 'PC1'), Buffer.from([0x7b, 0xff, 0x7d]));
  await raw(nats, subjects.result('e1', 'PC1'), { ...resultOf('e1', 'PC1'), exit_code: -1 });
  await raw(nats, subjects.started('e1', 'PC1'), startedOf('e1', 'PC2'));
  await raw(nats, 'events.unheard.of', {});
  await raw(nats, 'executions.submitted.e9', { exec_id: 'e9' });
  await raw(nats, 'executions.unheard.e9', { exec_id: 'e9' });
  await raw(nats, 'audit.token.x', []);
  await a.projection.passed('RESULTS', await result(nats, 'e1', 'PC1', { stdout: 'good' }));
  await a.projection.passed('EXECUTIONS', 2);
  await a.projection.passed('EVENTS', 2);
  await a.projection.passed('AUDIT', 1);

  const letters = listDeadLetters(a.db, page).items;
  expect(letters.map((letter) => `${letter.stream} ${letter.seq} ${letter.code}`).sort()).toEqual([
    'AUDIT 1 bad_message',
    'EVENTS 1 subject_mismatch',
    'EVENTS 2 bad_message',
    'EXECUTIONS 1 bad_message',
    'EXECUTIONS 2 bad_message',
    'RESULTS 1 subject_mismatch',
    'RESULTS 2 subject_mismatch',
    'RESULTS 3 bad_message',
    'RESULTS 4 bad_message',
  ]);
  const mismatch = letters.find((letter) => letter.stream === 'RESULTS' && letter.seq === 1)!;
  expect(mismatch).toMatchObject({ subject: 'results.e1.PC1', detail: expect.stringMatching(/PC2.*PC1/) });
  expect(JSON.parse(mismatch.preview)).toMatchObject({ pc_id: 'PC2' });
  expect(getDeadLetter(a.db, mismatch.id)).toEqual(mismatch);
  expect(listTargets(a.db, 'e1', { limit: 10, now: now() }).items).toMatchObject([{ pc_id: 'PC1', state: 'succeeded' }]);
  expect(getExecution(a.db, 'e2', now())).toBeUndefined();
  expect(a.projection.status().streams.RESULTS).toMatchObject({ deadLetters: 4, rows: 5, seq: 5 });
});

test('a dead letter is tried again: projected when what was missing is there, still bad when it is not', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  const { nats } = bench;
  const bytes = encode(['PC1', 'PC2']);
  const hash = sha256(bytes);
  await submit(nats, 'e1', [], { submitted: { list: { pcs_sha256: hash } } });
  await a.projection.passed('EXECUTIONS', await submit(nats, 'e2', ['PC1']), { timeout: 30_000 });
  const [letter] = listDeadLetters(a.db, page).items;
  expect(letter).toMatchObject({ code: 'bad_message', detail: expect.stringContaining(hash) });
  expect(getExecution(a.db, 'e1', now())).toBeUndefined();

  expect(await a.projection.retryDeadLetter(letter!.id)).toBe('still_bad');
  await putBlob(nats, bytes);
  const heard = new Promise((resolve) => a.projection.onCommit(({ execIds }) => execIds.has('e1') && resolve('e1')));
  expect(await a.projection.retryDeadLetter(letter!.id)).toBe('projected');
  expect(await heard).toBe('e1');
  expect(getExecution(a.db, 'e1', now())?.counts.queued).toBe(2);
  expect(listDeadLetters(a.db, page).items).toEqual([]);
  await expect(a.projection.retryDeadLetter(letter!.id)).rejects.toMatchObject({ code: 'not_found' });
});

test('a dead letter whose message has left the stream cannot be tried again', async () => {
  await using bench = await projectionBench();
  await using a = await bench.start();
  await a.projection.passed('RESULTS', await raw(bench.nats, 'results.e1.PC1', 'no result'));
  const [letter] = listDeadLetters(a.db, page).items;
  await purgeStream(bench.nats, 'RESULTS', 'results.>');
  await expect(a.projection.retryDeadLetter(letter!.id)).rejects.toMatchObject({ code: 'not_found' });
  expect(listDeadLetters(a.db, page).items).toHaveLength(1);
});
