import { setTimeout as sleep, setImmediate as yieldToOthers } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import { foldPcId, isId } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import { isJetStreamError, type Nats } from '#core/nats/connection.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import { deleteMessage, purgeStream, streamInfo, subjectsOf } from '#core/nats/jetstream.ts';
import { Wake } from '#core/nats/retry.ts';
import { Pace } from '../agents/pace.ts';
import { sayAgentEvent } from '../agents/say-agent-event.ts';
import { endReached } from '../lease/caught-up.ts';
import type { Projection } from '../projectors/projection.ts';
import { firstMessages } from '../projectors/read/inventory.ts';
import type { Database } from '../projectors/read/open-reader.ts';

export interface KeepQuotaContext {
  nats: Nats;
  db: Database;
  projection: Pick<Projection, 'onCommit' | 'passed' | 'status'>;
  clock: () => number;
  log: Log;
}

const AT_ONCE = 16;
/** Milliseconds that what comes is gathered, and that a broker is left alone which did not answer. */
const GATHER = 1000;
/** An event of each PC in so many milliseconds: more of the same tell nobody anything. */
const SAY_AGAIN = 3_600_000;

/**
 * Lease holder only: what does not count of a PC's inventory, for it is more than a PC may say (projectors/inventory/quota.ts), is taken out
 * of the stream, which refuses everybody once it is full. What an earlier holder left there is found at the beginning.
 */
export async function keepQuota(ctx: KeepQuotaContext, signal: AbortSignal): Promise<void> {
  const { projection, clock, log } = ctx;
  const due = new Map<string, Set<number>>();
  const wake = new Wake();
  const note = (pc: string, refused: Iterable<number>) => {
    const seqs = due.get(pc) ?? new Set();
    for (const seq of refused) seqs.add(seq);
    due.set(pc, seqs);
    wake.fire();
  };
  const stop = projection.onCommit(({ surplus }) => {
    for (const { pc, refused } of surplus) note(pc, refused);
  });
  const pace = new Pace(SAY_AGAIN, clock);
  let looked = false;
  try {
    while (!signal.aborted) {
      try {
        if (!looked) for (const pc of await leftBehind(ctx, signal)) note(pc, []);
        looked = true;
        for (const [pc, refused] of [...due]) {
          // What comes while these are removed is for the next time.
          due.delete(pc);
          try {
            const removed = await removeSurplus(ctx, pc, refused);
            if (removed > 0) await say(ctx, pace, pc, removed);
          } catch (error) {
            note(pc, refused);
            throw error;
          }
        }
      } catch (error) {
        if (!signal.aborted) log.warn({ error: messageOf(error) }, 'what PCs say beyond their quota could not be removed: trying again');
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

/** The PCs that have subjects in the stream of which nothing counts. */
async function leftBehind(ctx: KeepQuotaContext, signal: AbortSignal): Promise<Set<string>> {
  const subjects = await subjectsOf(ctx.nats, 'INVENTORY', 'inventory.*.>');
  await endReached(ctx, 'INVENTORY', signal);
  const found = new Set<string>();
  for (const [pc, some] of Map.groupBy(subjects, (subject) => subject.split('.')[1]!)) {
    await yieldToOthers();
    const counting = firstMessages(ctx.db, pc);
    if (some.some((subject) => !counting.has(sectionIn(subject, pc)))) found.add(pc);
  }
  return found;
}

/** How many messages went. */
async function removeSurplus({ nats, db, projection }: KeepQuotaContext, pc: string, refused: ReadonlySet<number>): Promise<number> {
  // Of what came behind this nothing is judged yet.
  const { epoch, seq } = projection.status().streams.INVENTORY;
  const { created } = await streamInfo(nats, 'INVENTORY');
  if (created !== epoch) return 0;
  const counting = firstMessages(db, pc);
  let removed = 0;
  await inParallel(await subjectsOf(nats, 'INVENTORY', `inventory.${pc}.>`), AT_ONCE, async (subject) => {
    const first = counting.get(sectionIn(subject, pc)) ?? seq + 1;
    removed += (await purgeStream(nats, 'INVENTORY', subject, first)).purged;
  });
  await inParallel([...refused], AT_ONCE, async (message) => {
    try {
      await deleteMessage(nats, 'INVENTORY', message);
      removed++;
    } catch (error) {
      // Newer ones have pushed it out.
      if (!isJetStreamError(error)) throw error;
    }
  });
  return removed;
}

function sectionIn(subject: string, pc: string): string {
  return subject.slice(`inventory.${pc}.`.length);
}

async function say({ nats, clock, log }: KeepQuotaContext, pace: Pace, pc: string, removed: number): Promise<void> {
  log.warn({ pc, removed }, 'a PC says more of its inventory than a PC may: what is too much was removed');
  if (!isId(pc) || !pace.may(pc)) return;
  const detail = `it says more of its inventory than a PC may: ${removed} messages were removed, and more of them is not told for an hour`;
  await sayAgentEvent(nats, clock, foldPcId(pc), 'over_quota', { code: 'inventory_full', detail });
}
