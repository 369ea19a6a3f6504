import type { Rollout } from '#core/contract/rollout.ts';

/**
 * Why no wave may be sent now, in words for an admin; undefined when one may. PCs refuse what a schedule fires while the
 * fleet is frozen, so a wave that is sent then is lost for all of them. Pure.
 */
export function heldBack({ fired }: Pick<Rollout, 'fired'>, frozen: boolean): string | undefined {
  return frozen && fired !== undefined && fired.run_now !== true ? 'schedules are frozen' : undefined;
}
