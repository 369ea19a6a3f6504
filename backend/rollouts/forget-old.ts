import { messageOf } from '#core/contract/errors.ts';
import { kvDelete } from '#core/nats/kv.ts';
import { SCHEDULER } from '../audit/write-audit.ts';
import { KEEP_EXECUTIONS } from '../projectors/retention.ts';
import { abort } from './change-rollout.ts';
import type { RolloutMirror } from './rollout-note.ts';
import { changeRollout } from './rollout-store.ts';
import { type StepContext, sayStep } from './say-step.ts';

/**
 * What ended, or halted, so long ago that its executions are forgotten goes too: the bucket has its bounds. What is paused
 * for as long has nothing left that it could go by, so it is aborted, and goes when it has been that for as long.
 */
export async function forgetOld(ctx: StepContext & { rollouts: RolloutMirror }): Promise<void> {
  const { nats, rollouts, clock, log } = ctx;
  for (const id of [...rollouts.keys()]) {
    const noted = rollouts.get(id)!;
    if (!('value' in noted) || clock() - noted.value.changedAt < KEEP_EXECUTIONS) continue;
    const { status } = noted.value.summary;
    try {
      if (status === 'paused') await abortPaused(ctx, id);
      else if (status !== 'running') await kvDelete(nats, 'rollouts', id, noted.revision);
    } catch (error) {
      log.warn({ rollout: id, error: messageOf(error) }, 'an old rollout could not be removed: the next round tries again');
    }
  }
}

async function abortPaused(ctx: StepContext, id: string): Promise<void> {
  const { nats, clock } = ctx;
  // Somebody may have resumed it meanwhile.
  const { rollout } = await changeRollout(nats, id, (found) =>
    found.status === 'paused' ? abort(undefined)(found, SCHEDULER, clock()) : found,
  );
  if (rollout.status === 'aborted') await sayStep(ctx, id, 'rollout_abort', { status: rollout.status });
}
