import { KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Rollout, RolloutPlan, RolloutWindow } from '#core/contract/rollout.ts';
import { INLINE_TARGETS_MAX } from '#core/contract/streams.ts';
import type { Fired } from '#core/contract/submission.ts';
import { instant } from '#core/contract/time.ts';
import { SCHEDULER } from '../audit/write-audit.ts';
import { storePcList } from '../blobs/pc-list.ts';
import type { ExecContext } from '../exec/context.ts';
import type { Plan } from '../exec/plan.ts';
import type { ResolvedTarget } from '../exec/resolve-target.ts';
import { placeScript } from '../exec/submit.ts';
import { heldBack } from './held-back.ts';
import { fixWaves, groupFaults } from './plan.ts';
import { createRollout, type KeptRollout, readRollout } from './rollout-store.ts';
import { sayStep } from './say-step.ts';
import { waveStarted, withStep } from './steps.ts';
import { publishWave, submissionOfWave, waveExecId } from './submit-wave.ts';

export interface RolloutStart {
  /** Derived, so that starting it twice starts it once. */
  id: string;
  actor: string;
  /** Tells a retry from another request under the same id. */
  requestHash: string;
  /** Without faults (plan.ts). */
  plan: RolloutPlan;
  /** The command of every wave; its ids and times are replaced by each wave's own. */
  command: Plan;
  /** Seconds from a wave's start until its commands expire. */
  expiresIn: number;
  target: ResolvedTarget;
  fired?: Fired;
  /** Waves start inside it only. */
  window?: RolloutWindow;
  /** Schedules are frozen: what one of them fired waits until they are not. */
  frozen?: boolean;
}

export interface StartedRollout {
  rollout_id: string;
  /** Of the first wave. */
  exec_id: string;
  /** Of the first wave in EXECUTIONS; 0 when it is not known to be submitted yet. */
  seq: number;
  /** As it was written, or found. */
  kept: KeptRollout;
}

/**
 * Starts a rollout: the PCs of every wave are fixed, the entry is written, which is the commit, and the first wave is
 * submitted, if it may be sent now. What fails after the commit fails nobody's request: the holder of the lease submits
 * what is not. Before it: `target_empty` for a group that holds nobody, `command_too_large`, `exec_full`,
 * `idempotency_key_reused`.
 */
export async function startRollout(ctx: ExecContext, start: RolloutStart): Promise<StartedRollout> {
  const earlier = await startedBefore(ctx, start);
  if (earlier) return earlier;
  const rollout = await firstState(ctx, start);
  // Made before the commit: what refuses it, a command too large or a full EXEC, leaves nothing behind.
  const message = await submissionOfWave(ctx, rollout, 0);
  const kept = await createRollout(ctx.nats, rollout);
  if (kept === undefined) return (await startedBefore(ctx, start))!;

  const { count, exec_id } = rollout.waves[0]!;
  // Of what a person started the request's own entry tells.
  if (start.fired) await sayStep(ctx, rollout.id, 'rollout_start', { target_count: rollout.target_count, waves: rollout.waves.length });
  await sayStep(ctx, rollout.id, 'rollout_wave_start', { wave: 0, count, exec_id });
  let seq = 0;
  if (heldBack(rollout, start.frozen === true, ctx.clock()) !== undefined) return { rollout_id: rollout.id, exec_id, seq, kept };
  try {
    const published = await publishWave(ctx, message);
    seq = published.rollout.waves[0]!.seq!;
  } catch (error) {
    ctx.log.warn({ rollout: rollout.id, error: messageOf(error) }, 'the first wave is not submitted yet: the lease holder tries again');
  }
  return { rollout_id: rollout.id, exec_id, seq, kept };
}

/** The rollout stored under this id, unless there is none; another request under the same id is `idempotency_key_reused`. */
export async function startedBefore(
  { nats }: Pick<ExecContext, 'nats'>,
  { id, requestHash }: Pick<RolloutStart, 'id' | 'requestHash'>,
): Promise<StartedRollout | undefined> {
  const kept = await readRollout(nats, id);
  if (kept === undefined) return undefined;
  const { rollout } = kept;
  if (rollout.request_hash !== requestHash) {
    throw new KanadeError('idempotency_key_reused', `this Idempotency-Key started rollout ${id} with another body`);
  }
  const { exec_id, seq } = rollout.waves[0]!;
  return { rollout_id: id, exec_id, seq: seq ?? 0, kept };
}

async function firstState(ctx: ExecContext, start: RolloutStart): Promise<Rollout> {
  const { id, actor, plan, target } = start;
  const { agents, nats } = ctx;
  const now = ctx.clock();
  const members = (group: string) => agents.members(group);
  const faults = groupFaults(plan, { pcs: target.pcs, members }, '/rollout');
  if (faults.length > 0) throw new KanadeError('target_empty', faults.map((fault) => fault.message).join('; '), { faults });
  const fixed = fixWaves(plan.waves, { id, pcs: target.pcs, members, online: (pc) => agents.beats.online(pc) });
  // All of them together stay within what one submission may carry, for the entry is one message too.
  const lists = await Promise.all(fixed.map((pcs) => storePcList(nats, pcs, INLINE_TARGETS_MAX / fixed.length)));
  const { exec_id: _, issued_at: __, expires_at: ___, ...command } = start.command.command;
  const rollout: Rollout = {
    id,
    actor,
    created_at: instant(now),
    request_hash: start.requestHash,
    target: target.target,
    target_count: target.pcs.length,
    ...(start.fired === undefined ? {} : { fired: start.fired }),
    plan,
    ...(start.window === undefined ? {} : { window: start.window }),
    status: 'running',
    command: { ...command, request_id: id, ...(await placeScript(nats, start.command)) },
    expires_in: start.expiresIn,
    waves: fixed.map((pcs, n) => ({ list: lists[n]!, count: pcs.length, exec_id: waveExecId(id, n), started_at: null, seq: null })),
    wave: -1,
    accepted: -1,
    history: [],
  };
  const by = start.fired === undefined ? actor : SCHEDULER;
  const detail = `${rollout.target_count} PCs in ${fixed.length} waves`;
  return waveStarted(withStep(rollout, now, { by, what: 'started', detail }), 0, now);
}
