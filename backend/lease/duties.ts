import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import type { Heartbeat } from '#core/contract/heartbeat.ts';
import { streamInfo } from '#core/nats/jetstream.ts';
import type { Agents } from '../agents/agents.ts';
import type { Durables } from '../agents/durables.ts';
import { Enrolment } from '../agents/enrol.ts';
import { watchOnline } from '../agents/watch-online.ts';
import type { ExecContext } from '../exec/context.ts';
import { runDeadlines } from '../exec/deadlines.ts';
import { runPurges } from '../exec/purge.ts';
import type { Projection } from '../projectors/projection.ts';

export interface DutiesContext extends ExecContext {
  durables: Durables;
  projection: Pick<Projection, 'onCommit'>;
  /** Creates streams and buckets that are gone and repairs those that were changed. */
  provision: () => Promise<void>;
}

/** Streams are looked at this often: one that was deleted is made again, and counts from 1 anew. Milliseconds. */
const EPOCH_EVERY = 60_000;

/** All that only one backend does, for as long as it holds the lease. */
export async function holderDuties(ctx: DutiesContext, signal: AbortSignal): Promise<void> {
  const { agents, durables, log } = ctx;
  const enrolment = new Enrolment({ ...ctx, durables });
  const listening = new AbortController();
  const stop = AbortSignal.any([signal, listening.signal]);
  try {
    await refreshEpoch(ctx);
    await durables.ensureAll();
    agents.onBeat((heartbeat, copy) => void enrolment.hear(heartbeat, copy), stop);
    agents.onEntry((pc) => void followEntry(ctx, durables, pc), stop);
    for (const pc of agents.beats.pcs()) void enrolment.hear(agents.beats.get(pc)!.heartbeat as Heartbeat, false);
    await Promise.all([
      runDeadlines(ctx, stop),
      runPurges(ctx, ctx.projection, stop),
      watchOnline({ ...ctx, signal: stop }),
      afterReconnects(ctx, durables, stop),
    ]);
  } finally {
    listening.abort();
    log.info({}, 'duties of the lease holder ended');
  }
}

/** Memory durables are gone with the broker: once it is back they are made again before the agents come asking. */
async function afterReconnects(ctx: DutiesContext, durables: Durables, signal: AbortSignal): Promise<void> {
  const { nats } = ctx;
  let seen = nats.tracker.disconnections;
  let looked = performance.now();
  while (!signal.aborted) {
    try {
      if (nats.connected && nats.tracker.disconnections !== seen) {
        const now = nats.tracker.disconnections;
        await ctx.provision();
        await refreshEpoch(ctx);
        await durables.ensureAll();
        seen = now;
      } else if (performance.now() - looked > EPOCH_EVERY) {
        looked = performance.now();
        await ctx.provision();
        if (await refreshEpoch(ctx)) await durables.ensureAll();
      }
    } catch (error) {
      ctx.log.warn({ error: messageOf(error) }, 'the replay durables could not be looked after: trying again');
    }
    await sleep(1000, undefined, { signal }).catch(() => {});
  }
}

async function followEntry({ agents, log }: { agents: Agents; log: DutiesContext['log'] }, durables: Durables, pc: string): Promise<void> {
  if (!agents.enrolled().has(pc)) return;
  try {
    if (await durables.ensureOnce(pc, agents.beats.get(pc)?.heartbeat.replay)) agents.sync([pc]);
  } catch (error) {
    log.warn({ pc, error: messageOf(error) }, 'a durable could not be changed: the next heartbeat tries again');
  }
}

async function refreshEpoch({ agents, nats }: Pick<DutiesContext, 'agents' | 'nats'>): Promise<boolean> {
  const { created } = await streamInfo(nats, 'EXEC');
  const changed = agents.epoch !== created;
  agents.epoch = created;
  return changed;
}
