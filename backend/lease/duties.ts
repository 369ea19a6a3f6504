import { messageOf } from '#core/contract/errors.ts';
import type { Heartbeat } from '#core/contract/heartbeat.ts';
import { foldPcId } from '#core/contract/ids.ts';
import type { Agents } from '../agents/agents.ts';
import type { Durables } from '../agents/durables.ts';
import { Enrolment } from '../agents/enrol.ts';
import { sayAgentEvent } from '../agents/say-agent-event.ts';
import { watchOnline } from '../agents/watch-online.ts';
import { runBlobSweeps } from '../blobs/blob-sweep.ts';
import type { EnrolmentParts } from '../enrolment/context.ts';
import { runEnrolmentDuties } from '../enrolment/duties.ts';
import { runDeadlines } from '../exec/deadlines.ts';
import { runPurges } from '../exec/purge.ts';
import { type KeyWatchParts, type SharedKey, watchKeys } from '../identity/key-watch.ts';
import { askAgain } from '../inventory/ask-again.ts';
import type { JoiningParts } from '../joining/context.ts';
import type { Projection } from '../projectors/projection.ts';
import { inventorySurplus } from '../quota/inventory-surplus.ts';
import { keepOutput } from '../quota/keep-output.ts';
import { keepQuota } from '../quota/keep-quota.ts';
import { OverQuota } from '../quota/over-quota.ts';
import { refusedSurplus } from '../quota/refused-surplus.ts';
import { sayReleaseEnds } from '../releases/release-ends.ts';
import type { Releases } from '../releases/releases.ts';
import { sweepStoredFiles } from '../releases/sweep.ts';
import type { RolloutMirror } from '../rollouts/rollout-note.ts';
import { runRollouts } from '../rollouts/run-rollouts.ts';
import { keepCompletions } from '../scheduler/keep-completions.ts';
import { runScheduler } from '../scheduler/scheduler.ts';
import type { Schedules } from '../scheduler/schedules.ts';
import { lookAfterStreams, type StreamsContext } from './look-after-streams.ts';

export interface DutiesContext extends StreamsContext {
  /** Undefined in open mode. */
  enrolment: EnrolmentParts | undefined;
  /** Undefined in open mode. */
  joining: JoiningParts | undefined;
  /** Where the connections of PCs are watched; undefined in open mode. */
  keys: Pick<KeyWatchParts, 'system' | 'account' | 'lookAfter'> | undefined;
  schedules: Schedules;
  rollouts: RolloutMirror;
  releases: Releases;
  backendId: string;
  projection: Pick<Projection, 'onCommit' | 'passed' | 'status'>;
}

/** All that only one backend does, for as long as it holds the lease. */
export async function holderDuties(ctx: DutiesContext, signal: AbortSignal): Promise<void> {
  const { agents, durables, enrolment, log } = ctx;
  const registry = new Enrolment({ ...ctx, durables, open: enrolment === undefined });
  const over = new OverQuota(ctx);
  const listening = new AbortController();
  const stop = AbortSignal.any([signal, listening.signal]);
  try {
    agents.onBeat((heartbeat, copy) => void registry.hear(heartbeat, copy), stop);
    agents.onEntry((pc) => void followEntry(ctx, durables, pc), stop);
    for (const pc of agents.beats.pcs()) void registry.hear(agents.beats.get(pc)!.heartbeat as Heartbeat, false);
    await Promise.all([
      runDeadlines(ctx, stop),
      runPurges(ctx, ctx.projection, stop),
      runBlobSweeps(ctx, stop),
      watchOnline({ ...ctx, signal: stop }),
      lookAfterStreams(ctx, stop),
      runScheduler(ctx, stop),
      runRollouts(ctx, stop),
      keepCompletions(ctx, stop),
      ...[inventorySurplus, refusedSurplus('EVENTS'), refusedSurplus('RESULTS')].map((remover) => keepQuota(ctx, remover, over, stop)),
      keepOutput(ctx, over, stop),
      sweepStoredFiles(ctx, stop),
      sayReleaseEnds({ ...ctx, say: (event) => sayOfBackend(ctx, event) }, stop),
      askAgain(ctx, stop),
      ...(ctx.keys === undefined ? [] : [watchKeys({ ...ctx.keys, onShared: (shared) => void sayShared(ctx, shared), log }, stop)]),
      ...(enrolment === undefined ? [] : [runEnrolmentDuties({ ...ctx, enrolment }, stop)]),
    ]);
  } finally {
    listening.abort();
    log.info({}, 'duties of the lease holder ended');
  }
}

function sayOfBackend({ nats, clock, backendId }: DutiesContext, event: Parameters<typeof sayAgentEvent>[4]): Promise<void> {
  return sayAgentEvent(nats, clock, foldPcId(`backend_${backendId}`), 'release_expires', event);
}

async function sayShared({ nats, clock, log }: DutiesContext, { pcId, publicKey, hosts }: SharedKey): Promise<void> {
  const detail = `two connections show its key at once, from ${hosts.join(' and ')}: it was copied`;
  log.warn({ pc: pcId, public_key: publicKey, hosts }, detail);
  try {
    await sayAgentEvent(nats, clock, pcId, 'conflict', { code: 'key_shared', detail });
  } catch (error) {
    log.warn({ pc: pcId, error: messageOf(error) }, 'that could not be stored');
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
