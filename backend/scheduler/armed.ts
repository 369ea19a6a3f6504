import { isSatisfied, type Success } from './decide-fire.ts';
import type { SchedulePlan } from './plan.ts';

/** Who of a schedule's PCs is not satisfied, and when the first of the others will not be any more (milliseconds since 1970). */
export interface Armed {
  pcs: readonly string[];
  until: number;
}

/**
 * What a schedule that does not fire regardless has left to do. Worked out anew only when something it rests on has changed,
 * so that a tick of 1,000 schedules that are satisfied costs nothing. Pure.
 */
export function armedOf(
  plan: SchedulePlan,
  o: { members: readonly string[]; success: (pc: string) => Success | undefined; now: number; version: string },
): Armed {
  const { members, success, now, version } = o;
  const { again, mode } = plan;
  const pcs: string[] = [];
  let until = Number.POSITIVE_INFINITY;
  for (const pc of members) {
    const done = success(pc);
    if (!isSatisfied({ again, now, version }, done)) pcs.push(pc);
    else if (again.kind === 'after') until = Math.min(until, done!.at + again.ms);
  }
  // One success is enough for all.
  if (mode === 'once_per_target') return pcs.length < members.length ? { pcs: [], until: laterOf(plan, o) } : { pcs, until };
  return { pcs, until };
}

/** Of once_per_target: when the last of the successes that satisfy it is no longer one. */
function laterOf({ again }: SchedulePlan, { members, success }: Parameters<typeof armedOf>[1]): number {
  if (again.kind !== 'after') return Number.POSITIVE_INFINITY;
  return Math.max(...members.map((pc) => (success(pc)?.at ?? 0) + again.ms));
}
