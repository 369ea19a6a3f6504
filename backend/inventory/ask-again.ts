import { setTimeout as sleep, setImmediate as yieldToOthers } from 'node:timers/promises';
import { InventoryReply, type InventoryRequest } from '#core/contract/control.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { Nats } from '#core/nats/connection.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import type { Agents } from '../agents/agents.ts';
import { askAgent } from '../agents/ask-agent.ts';
import { Pace } from '../agents/pace.ts';
import { endReached } from '../lease/caught-up.ts';
import type { Projection } from '../projectors/projection.ts';
import { collectedSections, hashesOf } from '../projectors/read/inventory.ts';
import type { Database } from '../projectors/read/open-reader.ts';
import { COLLECTING, WITHIN } from './refresh.ts';

export interface AskAgainContext {
  nats: Nats;
  db: Database;
  agents: Pick<Agents, 'enrolled' | 'beats'>;
  projection: Pick<Projection, 'passed' | 'status'>;
  clock: () => number;
  log: Log;
}

/** Milliseconds between two looks, and before a PC is asked again: one that no longer has a section would be asked for ever. */
const LOOK_EVERY = 600_000;
export const ASK_AGAIN = 86_400_000;
/** PCs that collect at a time: all of a fleet may have to. */
const AT_ONCE = 8;

/**
 * Lease holder only: PCs that have said their inventory to a stream that has lost it, because it was purged or made again, are
 * asked to say it once more: by themselves they would be silent for 30 days.
 */
export async function askAgain(ctx: AskAgainContext, signal: AbortSignal): Promise<void> {
  const pace = new Pace(ASK_AGAIN, ctx.clock);
  while (!signal.aborted) {
    try {
      await endReached(ctx, 'INVENTORY', signal);
      await askThoseThatLost(ctx, pace, signal);
    } catch (error) {
      if (!signal.aborted) ctx.log.warn({ error: messageOf(error) }, 'whose inventory is lost could not be found out: trying again');
    }
    await sleep(LOOK_EVERY, undefined, { signal }).catch(() => {});
  }
}

export async function askThoseThatLost(ctx: Omit<AskAgainContext, 'projection'>, pace: Pace, signal: AbortSignal): Promise<void> {
  const { agents, db, log, nats } = ctx;
  const lost: string[] = [];
  for (const pc of agents.enrolled()) {
    await yieldToOthers();
    const hasCollected = Boolean(agents.beats.get(pc)?.heartbeat.inventory_at);
    const sections = collectedSections(db, pc);
    const isLost = sections.some(({ seq }) => seq === 0) || sections.length === 0;
    if (hasCollected && isLost && agents.beats.online(pc) && pace.may(pc)) lost.push(pc);
  }
  if (lost.length === 0) return;
  log.warn({ pcs: lost.length }, 'INVENTORY has lost what PCs have said: asking them to say it again');
  await inParallel(lost, AT_ONCE, async (pc) => {
    if (signal.aborted) return;
    const request: InventoryRequest = { known: hashesOf(db, pc), within_ms: WITHIN };
    try {
      await askAgent(nats, pc, 'inventory', request, InventoryReply, COLLECTING);
    } catch (error) {
      // It may have gone, or not be one of ours: the next look finds it, a day later.
      if (!(error instanceof KanadeError)) throw error;
      log.debug({ pc, error: error.message }, 'a PC did not say its inventory again');
    }
  });
}
