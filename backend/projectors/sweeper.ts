import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { Nats } from '#core/nats/connection.ts';
import { consumerInfo, streamInfo } from '#core/nats/jetstream.ts';
import { isCorrupt } from './database.ts';
import { forgetPurged } from './inventory/forget-purged.ts';
import { KEEP_EXECUTIONS, sweep } from './retention.ts';
import { durableOf } from './streams.ts';

const EVERY = 300_000;

export interface SweeperContext {
  nats: Nats;
  db: Database;
  durableSuffix: string;
  clock: () => number;
  signal: AbortSignal;
  log: Pick<Log, 'info' | 'warn'>;
}

/** Sweeps every five minutes, the first time when `caughtUp` resolves. Rejects when the database is corrupt. */
export async function runSweeper(ctx: SweeperContext, caughtUp: Promise<void>): Promise<void> {
  const { db, signal, clock, log } = ctx;
  await caughtUp;
  let firstSeq = 0;
  while (!signal.aborted) {
    try {
      const gone = await sweep(db, { now: clock(), submissionsCompleteUntil: await completeUntil(ctx), signal });
      if (gone > 0) log.info({ executions: gone }, 'executions past their retention were deleted');
      const first = await firstOfInventory(ctx);
      if (first !== firstSeq) {
        const purged = forgetPurged(db, first);
        if (purged > 0) log.warn({ sections: purged }, 'INVENTORY was purged: its sections are to be said again');
        firstSeq = first;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isCorrupt(error)) throw error;
      log.warn({ error: messageOf(error) }, 'deleting what is past its retention failed: the next sweep tries again');
    }
    await sleep(EVERY, undefined, { signal }).catch(() => {});
  }
}

/** The first sequence that INVENTORY has; 0 when it is another stream than the one that is projected. */
async function firstOfInventory({ nats, db }: SweeperContext): Promise<number> {
  const { created, state } = await streamInfo(nats, 'INVENTORY');
  const projected = db.prepare<[], string>("SELECT created FROM projector WHERE stream = 'INVENTORY'").pluck().get();
  return created === projected ? state.first_seq : 0;
}

/** The broker's time, when all of EXECUTIONS is projected and it is old enough for submissions to have gone by age. */
async function completeUntil({ nats, durableSuffix, clock }: SweeperContext): Promise<number | undefined> {
  const stream = await streamInfo(nats, 'EXECUTIONS');
  if (clock() - Date.parse(stream.created) < KEEP_EXECUTIONS) return undefined;
  const consumer = await consumerInfo(nats, 'EXECUTIONS', durableOf('EXECUTIONS', durableSuffix));
  return consumer.num_pending === 0 && consumer.num_ack_pending === 0 ? Date.parse(consumer.ts) : undefined;
}
