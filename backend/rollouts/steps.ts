import type { Halt, Rollout, RolloutStep, RolloutWave } from '#core/contract/rollout.ts';
import { instant } from '#core/contract/time.ts';
import { SCHEDULER } from '../audit/write-audit.ts';

/** What a rollout becomes by each thing that happens to it. Pure; `now` in milliseconds since 1970. */

/** Of somebody who pauses and resumes all day the newest steps stay; the audit has them all. */
const HISTORY_MAX = 500;

export function withStep(rollout: Rollout, now: number, step: Omit<RolloutStep, 'at'>, change: Partial<Rollout> = {}): Rollout {
  const history = [...rollout.history, { at: instant(now), ...step }].slice(-HISTORY_MAX);
  return { ...rollout, ...change, history };
}

/** Written before it is submitted: whoever takes over submits it, or finds that it was. */
export function waveStarted(rollout: Rollout, n: number, now: number): Rollout {
  const { advance: _, ...rest } = rollout;
  const { count } = rollout.waves[n]!;
  const detail = `wave ${n}: ${count} ${count === 1 ? 'PC' : 'PCs'}`;
  const change = { wave: n, waves: withWave(rollout, n, { started_at: instant(now) }) };
  return withStep(rest, now, { by: SCHEDULER, what: 'wave_started', detail }, change);
}

/**
 * Its submission is stored at `seq`; `now` only when it was this one that stored it, for soak and expiry begin then.
 * It may come after an abort that took it for withheld: what is queued by it is to be cancelled too, if that was wanted.
 */
export function waveSubmitted(rollout: Rollout, n: number, seq: number, now: number | undefined): Rollout {
  const wave = rollout.waves[n]!;
  if (wave.seq !== null) return rollout;
  const startedAt = now === undefined ? (wave.started_at ?? rollout.created_at) : instant(now);
  return {
    ...rollout,
    wave: Math.max(rollout.wave, n),
    waves: withWave(rollout, n, { seq, started_at: startedAt }),
    ...(rollout.cancel === undefined ? {} : { cancel: { ...rollout.cancel, done: false } }),
  };
}

/** It was paused, halted or aborted before this wave, the newest, was submitted: it starts anew if the rollout goes on. */
export function waveWithheld(rollout: Rollout, n: number, now: number): Rollout {
  if (rollout.waves[n]!.seq !== null || rollout.wave !== n) return rollout;
  const change = { wave: n - 1, waves: withWave(rollout, n, { started_at: null }) };
  return withStep(rollout, now, { by: SCHEDULER, what: 'wave_withheld', detail: `wave ${n} was not submitted any more` }, change);
}

export function halted(rollout: Rollout, halt: Omit<Halt, 'at'>, now: number): Rollout {
  const { advance: _, ...rest } = rollout;
  const cancel = rollout.plan.on_halt === 'cancel_queued' ? { cancel: { by: SCHEDULER, done: false } } : {};
  const detail = `wave ${halt.wave}: ${halt.detail}; ${halt.offline_queued} PCs that are off hold a queued command`;
  const step = { by: SCHEDULER, what: 'halted', detail } as const;
  return withStep(rest, now, step, { status: 'halted', halt: { at: instant(now), ...halt }, ...cancel });
}

export function queuedCancelled(rollout: Rollout, cancelled: number, now: number): Rollout {
  const { by } = rollout.cancel!;
  const step = { by, what: 'queued_cancelled', detail: `${cancelled} queued commands were cancelled` } as const;
  return withStep(rollout, now, step, { cancel: { by, done: true } });
}

export function completed(rollout: Rollout, now: number): Rollout {
  return withStep(rollout, now, { by: SCHEDULER, what: 'completed', detail: null }, { status: 'completed' });
}

function withWave({ waves }: Rollout, n: number, change: Partial<RolloutWave>): RolloutWave[] {
  return waves.map((wave, i) => (i === n ? { ...wave, ...change } : wave));
}
