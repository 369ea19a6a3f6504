import type { Rollout } from '#core/contract/rollout.ts';
import { closedAt } from '../scheduler/gates.ts';
import { localTime } from '../scheduler/local-time.ts';
import { isWithin } from '../scheduler/plan.ts';
import type { Schedules } from '../scheduler/schedules.ts';

/**
 * Why no wave may be sent now (milliseconds since 1970), in words for an admin; undefined when one may. PCs refuse what a
 * schedule fires while the fleet is frozen, so a wave that is sent then is lost for all of them; and what its schedule may
 * not fire now, its waves may not either. A rollout that a person started goes on.
 */
export function heldBackBy(
  schedules: Pick<Schedules, 'freeze' | 'all'>,
  rollout: Pick<Rollout, 'fired' | 'window'>,
  now: number,
): string | undefined {
  const { fired, window } = rollout;
  const held = heldBack(rollout, schedules.freeze !== undefined, now);
  if (held !== undefined || fired === undefined || fired.run_now) return held;
  const known = schedules.all.get(fired.schedule_id);
  if (known === undefined || 'error' in known) return undefined;
  const { plan, stored } = known.value;
  return stored.schedule.enabled === false ? 'its schedule is disabled' : closedAt(plan, window?.zone ?? plan.zone, now);
}

/** The same by the freeze and the window it was started with alone. Pure. */
export function heldBack({ fired, window }: Pick<Rollout, 'fired' | 'window'>, frozen: boolean, now: number): string | undefined {
  if (frozen && fired !== undefined && fired.run_now !== true) return 'schedules are frozen';
  if (window === undefined || isWithin(window, localTime(window.zone, now).minutes)) return undefined;
  return `it is outside the window, which opens at ${timeOfDay(window.from)} (${window.zone})`;
}

function timeOfDay(minutes: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
