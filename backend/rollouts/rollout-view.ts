import { AD_HOC } from '#core/contract/command.ts';
import type { Halt, Rollout, RolloutPlan, RolloutStatus, RolloutStep } from '#core/contract/rollout.ts';
import type { Target } from '#core/contract/submission.ts';
import type { TargetState } from '#core/contract/target-state.ts';
import type { ExecContext } from '../exec/context.ts';
import type { Schedules } from '../scheduler/schedules.ts';
import { countWaves, type SeenWave } from './count-waves.ts';
import { type Decision, decide, unreachable } from './decide.ts';
import { heldBackBy } from './held-back.ts';

export interface WaveView {
  n: number;
  /** Its PCs. */
  count: number;
  /** Null until it starts. */
  exec_id: string | null;
  started_at: string | null;
  /** By state; null, and zeros below, until this backend's projection has read its submission. */
  counts: Record<TargetState, number> | null;
  succeeded: number;
  failed: number;
  /** Queued on PCs that are off, and expired. */
  unreachable: number;
  /** Skipped for a freeze or for a later fire. */
  put_off: number;
  /** Skipped for anything else, or cancelled. */
  skipped: number;
  running: number;
  /** Queued on PCs that are online. */
  waiting: number;
}

export interface RolloutView {
  rollout_id: string;
  status: RolloutStatus;
  actor: string;
  created_at: string;
  job_id: string | null;
  schedule_id: string | null;
  nominal_at: string | null;
  target: Target;
  target_count: number;
  plan: RolloutPlan;
  waves: WaveView[];
  /** Newest last. */
  history: RolloutStep[];
  /** While it is halted: why, and how many PCs that are off hold a queued command now. */
  halted: Halt | null;
  /** The wave that is to start, and what that waits for. */
  next: { wave: number | null; why: string };
}

export function rolloutView(ctx: ExecContext & { schedules: Pick<Schedules, 'freeze' | 'all'> }, rollout: Rollout): RolloutView {
  const now = ctx.clock();
  const seen = countWaves(ctx, rollout, now);
  const offline = seen.reduce((sum, wave) => sum + (wave?.counts.offline ?? 0), 0);
  const decision = decide(
    rollout,
    seen.map((wave) => wave?.counts),
    now,
    heldBackBy(ctx.schedules, rollout, now),
  );
  return {
    rollout_id: rollout.id,
    status: rollout.status,
    actor: rollout.actor,
    created_at: rollout.created_at,
    job_id: rollout.command.id === AD_HOC ? null : rollout.command.id,
    schedule_id: rollout.fired?.schedule_id ?? null,
    nominal_at: rollout.fired?.nominal_at ?? null,
    target: rollout.target,
    target_count: rollout.target_count,
    plan: rollout.plan,
    waves: rollout.waves.map((_, n) => waveView(rollout, n, seen[n])),
    history: rollout.history,
    halted: rollout.status === 'halted' && rollout.halt ? { ...rollout.halt, offline_queued: offline } : null,
    next: nextOf(decision),
  };
}

function waveView({ waves }: Rollout, n: number, seen: SeenWave | undefined): WaveView {
  const { count, exec_id, started_at } = waves[n]!;
  const c = seen?.counts;
  return {
    n,
    count,
    exec_id: started_at === null ? null : exec_id,
    started_at,
    counts: seen?.states ?? null,
    succeeded: c?.succeeded ?? 0,
    failed: c?.failed ?? 0,
    unreachable: c === undefined ? 0 : unreachable(c),
    put_off: c?.put_off ?? 0,
    skipped: c?.skipped ?? 0,
    running: c?.running ?? 0,
    waiting: c?.waiting ?? 0,
  };
}

/** What the lease holder is about to do, as far as this backend sees. */
function nextOf(decision: Decision): RolloutView['next'] {
  switch (decision.do) {
    case 'wait':
      return { wave: decision.wave, why: decision.why };
    case 'submit':
    case 'find':
      return { wave: decision.wave, why: `wave ${decision.wave} is being submitted` };
    case 'start':
      return { wave: decision.wave, why: `wave ${decision.wave} is about to start` };
    case 'halt':
      return { wave: null, why: `it is about to halt: ${decision.detail}` };
    case 'cancel':
      return { wave: null, why: 'queued commands are being cancelled' };
    case 'complete':
      return { wave: null, why: 'it is about to be complete' };
  }
}
