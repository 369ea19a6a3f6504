import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { Nats } from '#core/nats/connection.ts';
import { Wake } from '#core/nats/retry.ts';
import type { Projection } from '../projectors/projection.ts';
import type { Database } from '../projectors/read/open-reader.ts';
import type { WeighedStream } from '../projectors/volumes.ts';
import type { OverQuota } from './over-quota.ts';

export interface KeepQuotaContext {
  nats: Nats;
  db: Database;
  projection: Pick<Projection, 'onCommit' | 'passed' | 'status'>;
  log: Log;
}

/** How what does not count is taken out of one stream. */
export interface Remover {
  stream: WeighedStream | 'INVENTORY';
  /** The PCs of which an earlier holder may have left something. */
  leftBehind(ctx: KeepQuotaContext, signal: AbortSignal): Promise<Iterable<string>>;
  /** `refused`: what the projection has named. How many messages went. */
  remove(ctx: KeepQuotaContext, pc: string, refused: ReadonlySet<number>, signal: AbortSignal): Promise<number>;
}

/** Milliseconds that what comes is gathered, and that a broker is left alone which did not answer. */
const GATHER = 1000;

/**
 * Lease holder only: what does not count of what a PC says, for it is more than a PC may (projectors/volumes.ts, projectors/inventory/quota.ts),
 * is taken out of the stream, which refuses everybody once it is full. What an earlier holder left there is found at the beginning.
 */
export async function keepQuota(ctx: KeepQuotaContext, remover: Remover, over: OverQuota, signal: AbortSignal): Promise<void> {
  const { projection, log } = ctx;
  const { stream } = remover;
  const due = new Map<string, Set<number>>();
  const wake = new Wake();
  const note = (pc: string, refused: Iterable<number>) => {
    const seqs = due.get(pc) ?? new Set();
    for (const seq of refused) seqs.add(seq);
    due.set(pc, seqs);
    wake.fire();
  };
  const stop = projection.onCommit((commit) => {
    if (commit.stream === stream) for (const { pc, refused } of commit.surplus) note(pc, refused);
  });
  let looked = false;
  try {
    while (!signal.aborted) {
      try {
        if (!looked) for (const pc of await remover.leftBehind(ctx, signal)) note(pc, []);
        looked = true;
        for (const [pc, refused] of [...due]) {
          // What comes while these are removed is for the next time.
          due.delete(pc);
          try {
            const removed = await remover.remove(ctx, pc, refused, signal);
            if (removed > 0) await over.say(stream, pc, removed);
          } catch (error) {
            note(pc, refused);
            throw error;
          }
        }
      } catch (error) {
        if (!signal.aborted)
          log.warn({ stream, error: messageOf(error) }, 'what PCs say beyond their quota could not be removed: trying again');
        await sleep(GATHER, undefined, { signal }).catch(() => {});
        continue;
      }
      if (due.size === 0) await wake.next(signal);
      await sleep(GATHER, undefined, { signal }).catch(() => {});
    }
  } finally {
    stop();
  }
}
