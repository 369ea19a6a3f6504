import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { SCHEMA } from '#backend/projectors/schema.ts';
import type { KeepQuotaContext } from '#backend/quota/keep-quota.ts';
import { refusedSurplus } from '#backend/quota/refused-surplus.ts';
import { readStream } from '#core/nats/read-stream.ts';
import { projectionBench, raw } from '#tests/support/projection.ts';
import { quietLog } from '#tests/support/quiet-log.ts';

const { signal } = new AbortController();

test('what an earlier holder left is found by what was written down; what counts, and what is another’s, stays', async () => {
  await using bench = await projectionBench();
  const { nats } = bench;
  const db = new Sqlite(':memory:').exec(SCHEMA);
  const projection = { passed: async () => {} } as unknown as KeepQuotaContext['projection'];
  const ctx: KeepQuotaContext = { nats, db, projection, log: quietLog };
  const refuse = (pc: string, first: number, last: number) =>
    db.prepare("INSERT OR REPLACE INTO surplus VALUES ('RESULTS', ?, ?, ?, 0)").run(pc, first, last);
  const left = async () => {
    const seqs: number[] = [];
    const all = { filter_subject: 'results.>', deliver_policy: 'all' } as const;
    for await (const messages of readStream(nats, 'RESULTS', all, signal)) seqs.push(...messages.map(({ seq }) => seq));
    return seqs;
  };
  // FLOOD and HONEST by turns.
  for (let n = 0; n < 12; n++) await raw(nats, `results.e${n}.${n % 2 ? 'HONEST' : 'FLOOD'}`, { n });
  refuse('FLOOD', 3, 5);
  refuse('FLOOD', 9, 9);
  // So it may be spelt where nobody is asked who he is.
  refuse('*', 1, 12);

  const remover = refusedSurplus('RESULTS');
  expect(new Set(await remover.leftBehind(ctx, signal))).toEqual(new Set(['FLOOD', '*']));
  expect(await remover.remove(ctx, 'FLOOD', new Set(), signal)).toBe(3);
  expect(await remover.remove(ctx, '*', new Set(), signal)).toBe(0);
  expect(await left()).toEqual([1, 2, 4, 6, 7, 8, 10, 11, 12]);

  // It goes on behind what it has done, also in a run that has become longer.
  expect(await remover.remove(ctx, 'FLOOD', new Set(), signal)).toBe(0);
  refuse('FLOOD', 9, 11);
  expect(await remover.remove(ctx, 'FLOOD', new Set(), signal)).toBe(1);
  expect(await left()).toEqual([1, 2, 4, 6, 7, 8, 10, 12]);
  // Another holder finds nothing left.
  expect(await refusedSurplus('RESULTS').remove(ctx, 'FLOOD', new Set(), signal)).toBe(0);
});
