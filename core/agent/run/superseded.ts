import { SUPERSEDED } from '#core/contract/control.ts';
import { instant } from '#core/contract/time.ts';
import type { Fire } from '../ledger/fires.ts';
import type { Skip } from './until-known.ts';

/**
 * Why a fire is not to start when `newest` (milliseconds since 1970) is the newest of its schedule that this PC was sent:
 * one that was off for a week runs one fire and not seven. What has the same time is a retry and takes nothing's place.
 */
export function superseded(fire: Fire, newest: number | undefined): Skip | undefined {
  if (newest === undefined || newest <= fire.nominalAt) return undefined;
  return { reason: SUPERSEDED, detail: `schedule ${fire.scheduleId} has fired again, for ${instant(newest)}` };
}
