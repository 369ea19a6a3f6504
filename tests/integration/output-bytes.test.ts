import { expect, test } from 'vitest';
import { outputOf } from '#backend/http/output-bytes.ts';
import type { ResultView } from '#backend/projectors/read/results.ts';
import { OUTPUT_MAX, STREAMS } from '#core/contract/streams.ts';
import { subjects } from '#core/contract/subjects.ts';
import { createStream } from '#core/nats/jetstream.ts';
import { startTestBroker } from '#tests/support/broker.ts';
import { resultOf, testConnection } from '#tests/support/projection.ts';

test('of output that is longer than an agent keeps only so much is read', async () => {
  const stop = new AbortController();
  await using broker = await startTestBroker({ syncInterval: '10s' });
  await using nats = await testConnection(broker.url, stop.signal);
  const { name, subjects: taken } = STREAMS.OUTPUT;
  const config = { name, subjects: taken, storage: 'file', num_replicas: 1, allow_direct: true };
  await createStream(nats, config as { name: string });
  const said = resultOf('e1', 'PC1', { stdout_chunks: 10 });
  const chunk = Buffer.alloc(1_000_000, 0x61);
  for (let n = 0; n < 10; n++) await nats.publishStored(subjects.output('PC1', said.result_id, 'stdout', n), chunk);
  const result = { ...said, stderr_chunks: 0, recorded_at: said.finished_at } as unknown as ResultView;
  const parts = await outputOf(nats, result, 'stdout', Date.now());
  expect(parts.reduce((sum, part) => sum + part.length, 0)).toBe(OUTPUT_MAX);
  stop.abort();
});
