import { instantOf, localTime } from './local-time.ts';
import { Occurrences } from './occurrences.ts';
import { isWithin, type SchedulePlan } from './plan.ts';

/** Why a schedule may not fire at an instant in a zone, in words for an admin; undefined when it may. Pure. */
export function closedAt(plan: Pick<SchedulePlan, 'active' | 'window' | 'skipDates'>, zone: string, instant: number): string | undefined {
  const { from, until } = plan.active;
  if (from !== undefined && instant < instantOf(from, zone)) return `it is active from ${from} on`;
  if (until !== undefined && instant >= instantOf(until, zone)) return `it was active until ${until}`;
  if (plan.window === undefined && plan.skipDates.size === 0) return undefined;
  const { date, minutes } = localTime(zone, instant);
  if (plan.skipDates.has(date)) return `${date} is skipped`;
  if (plan.window !== undefined && !isWithin(plan.window, minutes)) return 'it is outside the window';
  return undefined;
}

/** When the window that is open at an instant closes; undefined without a window. */
export function windowEnd(plan: Pick<SchedulePlan, 'window'>, zone: string, instant: number): number | undefined {
  if (plan.window === undefined) return undefined;
  const { to } = plan.window;
  return new Occurrences(`0 ${to % 60} ${Math.floor(to / 60)} * * *`, zone).after(instant);
}
