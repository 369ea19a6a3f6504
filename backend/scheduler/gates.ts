import { instantOf, localTime } from './local-time.ts';
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

const MINUTE = 60_000;
const DAY = 1440;

/**
 * When the window that is open at an instant closes: the first minute at which the clocks show a time outside of it, also
 * in the nights in which they are changed. Undefined without a window.
 */
export function windowEnd({ window }: Pick<SchedulePlan, 'window'>, zone: string, instant: number): number | undefined {
  if (window === undefined) return undefined;
  const from = Math.floor(instant / MINUTE) * MINUTE;
  const left = (window.to - localTime(zone, from).minutes + DAY) % DAY || DAY;
  const end = from + left * MINUTE;
  if (localTime(zone, end).minutes === window.to) return end;
  // The clocks are changed before that.
  for (let minute = from + MINUTE; minute < end + 2 * 60 * MINUTE; minute += MINUTE)
    if (!isWithin(window, localTime(zone, minute).minutes)) return minute;
  return end;
}
