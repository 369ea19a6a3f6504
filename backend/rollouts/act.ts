import type { Rollout } from '#core/contract/rollout.ts';
import { cancel } from '../exec/cancel.ts';
import type { ExecContext } from '../exec/context.ts';
import { submittedBefore } from '../exec/submit.ts';
import { pcsInStates } from '../projectors/read/targets.ts';
import { countWaves } from './count-waves.ts';
import type { Decision } from './decide.ts';
import { changeRollout, type KeptRollout, writeRollout } from './rollout-store.ts';
import { sayStep } from './say-step.ts';
import { completed, halted, queuedCancelled, waveStarted, waveSubmitted, waveWithheld } from './steps.ts';
import { publishWave, submissionOfWave } from './submit-wave.ts';

/**
 * Does what was decided of a rollout as it was read, and gives what it is then. Each step is written by
 * compare-and-set, so `precondition_failed` says that somebody else was first and nothing was done.
 */
export async function actOn(ctx: ExecContext, kept: KeptRollout, decision: Exclude<Decision, { do: 'wait' }>): Promise<KeptRollout> {
  const { rollout } = kept;
  const now = ctx.clock();
  switch (decision.do) {
    case 'submit':
      return publishWave(ctx, await submissionOfWave(ctx, rollout, decision.wave));
    case 'find':
      return findWave(ctx, rollout, decision.wave);
    case 'start': {
      const { count, exec_id } = rollout.waves[decision.wave]!;
      const next = await writeRollout(ctx.nats, kept, waveStarted(rollout, decision.wave, now));
      await sayStep(ctx, rollout.id, 'rollout_wave_start', { wave: decision.wave, count, exec_id });
      return next;
    }
    case 'halt': {
      const { wave, reason, detail } = decision;
      const offline = countWaves(ctx, rollout, now).reduce((sum, seen) => sum + (seen?.counts.offline ?? 0), 0);
      const next = await writeRollout(ctx.nats, kept, halted(rollout, { wave, reason, detail, offline_queued: offline }, now));
      await sayStep(ctx, rollout.id, 'rollout_halt', next.rollout.halt);
      return next;
    }
    case 'cancel': {
      const cancelled = await cancelQueued(ctx, rollout);
      const next = await writeRollout(ctx.nats, kept, queuedCancelled(rollout, cancelled, now));
      await sayStep(ctx, rollout.id, 'rollout_cancel_queued', { cancelled });
      return next;
    }
    case 'complete': {
      const next = await writeRollout(ctx.nats, kept, completed(rollout, now));
      await sayStep(ctx, rollout.id, 'rollout_complete', undefined);
      return next;
    }
  }
}

/** Whoever was to submit it when the rollout was stopped did so, or it is not sent any more. */
async function findWave(ctx: ExecContext, { id, waves, request_hash }: Rollout, n: number): Promise<KeptRollout> {
  const found = await submittedBefore(ctx, waves[n]!.exec_id, request_hash);
  if (found) return changeRollout(ctx.nats, id, (rollout) => waveSubmitted(rollout, n, found.seq, undefined));
  const next = await changeRollout(ctx.nats, id, (rollout) => waveWithheld(rollout, n, ctx.clock()));
  await sayStep(ctx, id, 'rollout_wave_withhold', { wave: n });
  return next;
}

async function cancelQueued(ctx: ExecContext, { waves, wave: newest, cancel: wanted }: Rollout): Promise<number> {
  let sum = 0;
  for (const { exec_id: execId } of waves.slice(0, newest + 1)) {
    const pcs = pcsInStates(ctx.db, execId, ['queued'], ctx.clock());
    if (pcs.length === 0) continue;
    sum += (await cancel(ctx, { actor: wanted!.by, execId, pcs, reason: 'rollout' })).cancelled;
  }
  return sum;
}
