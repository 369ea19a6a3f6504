import { KanadeError } from '#core/contract/errors.ts';
import type { Schedule, ScheduleState } from '#core/contract/schedule.ts';
import { SCHEDULER } from '../audit/write-audit.ts';
import { readPcList, storePcList } from '../blobs/pc-list.ts';
import { hashOf } from '../exec/canonical.ts';
import { runnableJob } from '../exec/submit.ts';
import { noteOf } from '../rollouts/rollout-note.ts';
import { startRollout } from '../rollouts/start-rollout.ts';
import type { SchedulerContext } from './context.ts';
import type { Fire } from './facts.ts';
import { firedOf, fireId, planned } from './fire-message.ts';

type PendingRollout = NonNullable<ScheduleState['pending_rollout']>;

/** What is written down of a rollout that a tick has decided on. */
export async function rolloutFor(ctx: SchedulerContext, schedule: Schedule, one: Fire, changedAt: string): Promise<PendingRollout> {
  const list = await storePcList(ctx.nats, one.pcs);
  return { rollout_id: fireId(schedule, one), fired: firedOf(schedule, one), list, changed_at: changedAt };
}

/**
 * Starts the rollout, or finds it started; the sequence of its first wave. What can never be started is let go, and said:
 * that of a schedule that was changed or disabled since too, for it would roll out what nobody decided on.
 */
export async function startPending(ctx: SchedulerContext, id: string, pending: PendingRollout): Promise<number> {
  const known = ctx.schedules.all.get(id);
  const { rollout_id, fired, list, changed_at } = pending;
  if (
    known === undefined ||
    'error' in known ||
    known.value.stored.changed_at !== changed_at ||
    known.value.stored.schedule.enabled === false
  ) {
    ctx.log.warn(
      { schedule: id, rollout: rollout_id },
      'a schedule was changed or disabled before its rollout was started: that is dropped',
    );
    return 0;
  }
  const { stored, plan } = known.value;
  const { schedule } = stored;
  const pcs = await readPcList(ctx.nats, list);
  try {
    const job = await runnableJob(ctx, schedule.job_id);
    const { dynamic: _, ...target } = schedule.target;
    const started = await startRollout(ctx, {
      id: rollout_id,
      actor: SCHEDULER,
      requestHash: hashOf(fired),
      plan: schedule.rollout!,
      command: planned(schedule, job, rollout_id, fired),
      expiresIn: plan.deadline / 1000,
      target: { target, broadcast: false, pcs },
      fired,
      ...(plan.window === undefined ? {} : { window: { ...plan.window, zone: plan.zone } }),
      frozen: ctx.schedules.freeze !== undefined,
    });
    // Of one that this process has not heard of yet the next tick would start another one beside it.
    if (ctx.rollouts.get(rollout_id) === undefined) {
      ctx.rollouts.accept(rollout_id, noteOf(started.kept.rollout), started.kept.revision);
    }
    return started.seq;
  } catch (error) {
    if (!(error instanceof KanadeError) || !HOPELESS.includes(error.code)) throw error;
    ctx.log.error({ schedule: id, error: error.message }, 'the rollout of a schedule cannot be started: its fire is dropped');
    return 0;
  }
}

const HOPELESS: readonly string[] = ['target_empty', 'command_too_large', 'job_revoked', 'unknown_job'];
