import type { Rollout } from '#core/contract/rollout.ts';
import { localTime } from '../scheduler/local-time.ts';
import { isWithin } from '../scheduler/plan.ts';

/**
 * Why no wave may be sent now (milliseconds since 1970), in words for an admin; undefined when one may. PCs refuse what a
 * schedule fires while the fleet is frozen, so a wave that is sent then is lost for all of them. Pure.
 */
export function heldBack({ fired, window }: Pick<Rollout, 'fired' | 'window'>, frozen: boolean, now: number): string | undefined {
  if (frozen && fired !== undefined && fired.run_now !== true) return 'schedules are frozen';
  if (window === undefined || isWithin(window, localTime(window.zone, now).minutes)) return undefined;
  return `it is outside the window, which opens at ${timeOfDay(window.from)} (${window.zone})`;
}

function timeOfDay(minutes: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
