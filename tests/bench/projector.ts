import { encode } from '#core/contract/codec.ts';
import { subjects } from '#core/contract/subjects.ts';
import { projectionBench, resultOf, startedOf, submit } from '#tests/support/projection.ts';

import type { Figures } from './figures.ts';

const PCS = 10_000;
const EXECUTIONS = 5;
const AT_ONCE = 500;

/**
 * Rows a second of the projection alone: a broker is filled with the starts and results of 5 executions on 10,000 PCs
 * first, then a projection with an empty database reads it all.
 */
export async function measureProjector(figures: Figures): Promise<void> {
  await using bench = await projectionBench();
  const { nats } = bench;
  const names = Array.from({ length: PCS }, (_, n) => `PC-${String(n).padStart(5, '0')}`);
  const last = { EXECUTIONS: 0, EVENTS: 0, RESULTS: 0 };
  for (let n = 0; n < EXECUTIONS; n++) {
    const exec = `bench-${n}`;
    last.EXECUTIONS = await submit(nats, exec, names);
    const stdout = 'x'.repeat(200);
    for (let from = 0; from < names.length; from += AT_ONCE) {
      const some = names.slice(from, from + AT_ONCE);
      const events = some.map((pc) => nats.publishStored(subjects.started(exec, pc), encode(startedOf(exec, pc))));
      const results = some.map((pc) => nats.publishStored(subjects.result(exec, pc), encode(resultOf(exec, pc, { stdout }))));
      for (const { seq } of await Promise.all(events)) last.EVENTS = Math.max(last.EVENTS, seq);
      for (const { seq } of await Promise.all(results)) last.RESULTS = Math.max(last.RESULTS, seq);
    }
  }
  const messages = last.EVENTS + last.RESULTS;
  const begun = performance.now();
  await using running = await bench.start();
  const timeout = 600_000;
  await Promise.all(
    (['EXECUTIONS', 'EVENTS', 'RESULTS'] as const).map((stream) => running.projection.passed(stream, last[stream], { timeout })),
  );
  const seconds = (performance.now() - begun) / 1000;
  const rate = Math.round(messages / seconds);
  figures.add(
    'projector, from an empty database',
    `${rate} messages/s (each a start or a result), ${Math.round((messages + EXECUTIONS * PCS) / seconds)} rows/s with those of the submissions`,
    '> 20,000 rows/s',
    rate > 20_000,
  );
}
