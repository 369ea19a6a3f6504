import { KanadeError } from '#core/contract/errors.ts';
import { deriveId } from '#core/contract/ids.ts';
import type { Schedule } from '#core/contract/schedule.ts';
import { EXPIRES_DEFAULT } from '#core/contract/streams.ts';
import { instant } from '#core/contract/time.ts';
import { hashOf } from '../exec/canonical.ts';
import type { ExecContext } from '../exec/context.ts';
import { planCommand } from '../exec/plan.ts';
import { namesOf, type ResolvedTarget, resolveTarget } from '../exec/resolve-target.ts';
import { commit, runnableJob, submittedBefore } from '../exec/submit.ts';
import { startedBefore, startRollout } from '../rollouts/start-rollout.ts';
import { Roster } from './roster.ts';

/**
 * A schedule's job on all it means, in waves if it has any, because a person says so. Its command names no schedule, so neither the freeze nor a
 * later fire keeps a PC from running it; its successes count for the schedule all the same.
 */
export async function runNow(
  ctx: ExecContext,
  { schedule, actor, idempotencyKey }: { schedule: Schedule; actor: string; idempotencyKey?: string },
): Promise<{ exec_id: string; rollout_id: string | null; seq: number }> {
  const { id, job_id, jitter, rollout } = schedule;
  const execId = deriveId('run-now', id, actor, idempotencyKey ?? ctx.newId());
  const requestHash = hashOf({ schedule_id: id, job_id });
  if (idempotencyKey !== undefined) {
    const earlier = (await startedBefore(ctx, { id: execId, requestHash })) ?? (await submittedBefore(ctx, execId, requestHash));
    if (earlier) return { rollout_id: null, ...earlier };
  }
  const job = await runnableJob(ctx, job_id);
  const now = ctx.clock();
  const { dynamic, ...target } = schedule.target;
  const request = { job_id, target, ...(jitter === undefined ? {} : { jitter }) };
  const what = {
    ...{ actor, requestHash },
    target: dynamic ? present(ctx, schedule) : resolveTarget(ctx.agents, target),
    fired: { schedule_id: id, nominal_at: instant(now), attempt: 0, run_now: true },
  };
  const plan = planCommand(request, job, execId, now);
  if (rollout === undefined) return { rollout_id: null, ...(await commit(ctx, { ...what, execId, now, plan })) };
  return startRollout(ctx, { ...what, id: execId, plan: rollout, command: plan, expiresIn: EXPIRES_DEFAULT });
}

/** Whom it means now, whatever it names that is not there; `target_empty` when that is nobody. */
function present(ctx: ExecContext, { target }: Schedule): ResolvedTarget {
  const pcs = new Roster(ctx.agents).members(target);
  if (pcs.length === 0) throw new KanadeError('target_empty', 'the schedule means nobody now');
  return { target: namesOf(pcs), broadcast: false, pcs: [...pcs] };
}
