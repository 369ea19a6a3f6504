import { decode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { deriveId } from '#core/contract/ids.ts';
import { StoredJob } from '#core/contract/job.ts';
import type { Schedule } from '#core/contract/schedule.ts';
import { instant } from '#core/contract/time.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { hashOf } from '../exec/canonical.ts';
import type { ExecContext } from '../exec/context.ts';
import { planCommand } from '../exec/plan.ts';
import { resolveTarget } from '../exec/resolve-target.ts';
import { commit, refuseRevoked, type Submission, submittedBefore } from '../exec/submit.ts';

/**
 * A schedule's job on all it means, because a person says so. Its command names no schedule, so neither the freeze nor a
 * later fire keeps a PC from running it; its successes count for the schedule all the same.
 */
export async function runNow(
  ctx: ExecContext,
  { schedule, actor, idempotencyKey }: { schedule: Schedule; actor: string; idempotencyKey?: string },
): Promise<Submission> {
  const { id, job_id, jitter } = schedule;
  const execId = deriveId('run-now', id, actor, idempotencyKey ?? ctx.newId());
  const requestHash = hashOf({ schedule_id: id, job_id });
  if (idempotencyKey !== undefined) {
    const earlier = await submittedBefore(ctx, execId, requestHash);
    if (earlier) return earlier;
  }
  const stored = await kvGet(ctx.nats, 'jobs', job_id);
  if (stored === undefined) throw new KanadeError('unknown_job', `there is no job ${job_id}`);
  await refuseRevoked(ctx, job_id);
  const now = ctx.clock();
  const { dynamic: _, ...target } = schedule.target;
  const request = { job_id, target, ...(jitter === undefined ? {} : { jitter }) };
  return commit(ctx, {
    ...{ actor, execId, requestHash, now },
    plan: planCommand(request, decode(StoredJob, stored.value).manifest, execId, now),
    target: resolveTarget(ctx.agents, target),
    fired: { schedule_id: id, nominal_at: instant(now), attempt: 0, run_now: true },
  });
}
