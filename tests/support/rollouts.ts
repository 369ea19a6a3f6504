import type { WaveCounts } from '#backend/rollouts/decide.ts';
import { fixWaves } from '#backend/rollouts/plan.ts';
import { waveStarted, waveSubmitted, withStep } from '#backend/rollouts/steps.ts';
import { waveExecId } from '#backend/rollouts/submit-wave.ts';
import type { Rollout, RolloutPlan } from '#core/contract/rollout.ts';
import { instant } from '#core/contract/time.ts';

export const T0 = Date.parse('2026-11-21T12:00:00Z');

export const NOBODY: WaveCounts = { succeeded: 0, failed: 0, running: 0, waiting: 0, offline: 0, expired: 0, put_off: 0, skipped: 0 };

export function pcNames(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `PC${String(n).padStart(3, '0')}`);
}

/** A rollout over `pcs` as it is right after it was started at T0: the first wave is written down and not submitted. */
export function freshRollout(plan: RolloutPlan, pcs: readonly string[]): Rollout {
  const id = 'r';
  const fixed = fixWaves(plan.waves, { id, pcs, members: () => [], online: () => true });
  const rollout: Rollout = {
    id,
    actor: 'somebody',
    created_at: instant(T0),
    request_hash: 'h',
    target: { all: true },
    target_count: pcs.length,
    plan,
    status: 'running',
    command: { id: 'tidy', version: '1', request_id: id, shell: 'sh', script: 'true', timeout_secs: 60 },
    expires_in: 3600,
    waves: fixed.map((list, n) => ({ list: { pcs: list }, count: list.length, exec_id: waveExecId(id, n), started_at: null, seq: null })),
    wave: -1,
    accepted: -1,
    history: [],
  };
  return waveStarted(withStep(rollout, T0, { by: 'somebody', what: 'started', detail: null }), 0, T0);
}

/** The same with `waves` waves submitted at T0. */
export function startedRollout(plan: RolloutPlan, pcs: number, waves = 1): Rollout {
  let rollout = freshRollout(plan, pcNames(pcs));
  for (let n = 0; n < waves; n++) {
    if (n > 0) rollout = waveStarted(rollout, n, T0);
    rollout = waveSubmitted(rollout, n, n + 1, T0);
  }
  return rollout;
}
