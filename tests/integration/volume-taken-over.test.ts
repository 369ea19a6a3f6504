import { expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import { quotaOf, weightOf } from '#core/contract/quota.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import { STREAMS } from '#core/contract/streams.ts';
import { instant } from '#core/contract/time.ts';
import { api, createStream } from '#core/nats/jetstream.ts';
import { kvPut } from '#core/nats/kv.ts';
import { deleteStream, makeBucket, projectionBench, raw, resultOf } from '#tests/support/projection.ts';

/** Bytes of the stream. */
const SMALL = 2_000_000;

test('what the predecessor of a PC has used up is asked of the registry when its successor would be refused, also by a replay', async () => {
  await using bench = await projectionBench();
  const { nats } = bench;
  await makeBucket(nats, 'agents');
  await deleteStream(nats, 'RESULTS');
  const small = { name: 'RESULTS', subjects: STREAMS.RESULTS.subjects, max_bytes: SMALL, storage: 'file', num_replicas: 1 };
  await createStream(nats, small as { name: string });
  const early = instant(Date.now() - 3_600_000);
  const entry: AgentEntry = { pc_id: 'PC1', enrolled_at: early, first_seen: early, last_seen: early };
  await kvPut(nats, 'agents', 'PC1', encode(entry));
  const say = (exec: string) => raw(nats, `results.${exec}.PC1`, resultOf(exec, 'PC1', { stdout: 'x'.repeat(10_600) }));
  const fit = Math.floor(quotaOf('RESULTS', SMALL) / weightOf(11_000));
  let full = 0;
  for (let n = 0; n <= fit; n++) full = await say(`e${n}`);

  const refused = async (upTo: number, path?: string) => {
    await using running = await bench.start(path === undefined ? {} : { path });
    await running.projection.passed('RESULTS', upTo, { timeout: 30_000 });
    const rows = running.db.prepare("SELECT seq FROM dead_letters WHERE code = 'results_full'").all() as { seq: number }[];
    return { seqs: rows.map(({ seq }) => seq), path: running.path };
  };
  const before = await refused(full);
  expect(before.seqs).toEqual([full]);
  await api(nats, 'STREAM.MSG.DELETE.RESULTS', { seq: full });
  await kvPut(nats, 'agents', 'PC1', encode({ ...entry, taken_over_at: [instant(Date.now())] }));
  const own = await say('own');
  // The one goes on, the other reads all that is left anew.
  expect((await refused(own, before.path)).seqs).toEqual([full]);
  expect((await refused(own)).seqs).toEqual([]);
});
