import { deriveId } from '#core/contract/ids.ts';
import type { Manifest } from '#core/contract/job.ts';
import type { Schedule } from '#core/contract/schedule.ts';
import type { Fired, Submitted } from '#core/contract/submission.ts';
import { instant } from '#core/contract/time.ts';
import { SCHEDULER } from '../audit/write-audit.ts';
import { hashOf } from '../exec/canonical.ts';
import { type Plan, planCommand } from '../exec/plan.ts';
import { namesOf, type ResolvedTarget } from '../exec/resolve-target.ts';
import { runnableJob, submissionOf } from '../exec/submit.ts';
import type { SchedulerContext } from './context.ts';
import type { Fire } from './facts.ts';
import type { Roster } from './roster.ts';

/** The message that commits a fire: the same ids, times and command for the same fire. `unknown_job`, `job_revoked`, `exec_full`. */
export async function submissionFor(ctx: SchedulerContext, schedule: Schedule, one: Fire, roster: Roster): Promise<Submitted> {
  const { zone, part } = one;
  const execId = fireId(schedule, one);
  const fired = firedOf(schedule, one);
  const job = await runnableJob(ctx, schedule.job_id);
  const { command, ...rest } = planned(schedule, job, execId, fired);
  return submissionOf(ctx, {
    actor: SCHEDULER,
    execId,
    requestHash: hashOf({ ...fired, zone, part }),
    now: ctx.clock(),
    plan: {
      ...rest,
      command: { ...command, issued_at: fired.nominal_at, expires_at: instant(one.expiresAt) },
    },
    target: targetOf(schedule, one, roster),
    fired,
  });
}

/** The same for the same fire, whoever decides it and however often. */
export function fireId({ id }: Schedule, { zone, nominal, attempt, part }: Fire): string {
  return deriveId('fire', id, zone, instant(nominal), String(attempt), String(part));
}

export function firedOf({ id }: Schedule, { nominal, attempt }: Fire): Fired {
  return { schedule_id: id, nominal_at: instant(nominal), attempt };
}

/** The command but for its times. */
export function planned({ job_id, jitter }: Schedule, job: Manifest, execId: string, { schedule_id, nominal_at }: Fired): Plan {
  const request = { job_id, target: {}, ...(jitter === undefined ? {} : { jitter }) };
  const { command, ...rest } = planCommand(request, job, execId, Date.parse(nominal_at));
  return { ...rest, command: { ...command, schedule_id, nominal_at } };
}

/** Everybody by one message to all; otherwise each by name. */
function targetOf({ target }: Schedule, { pcs, whole }: Fire, roster: Roster): ResolvedTarget {
  const { dynamic: _, ...asked } = target;
  return {
    target: whole ? asked : namesOf(pcs),
    broadcast: whole && target.all === true && roster.isEverybody(pcs),
    pcs: [...pcs],
  };
}
