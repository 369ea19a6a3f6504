import type { Freeze } from '#core/contract/freeze.ts';
import { closedAt } from './gates.ts';
import { Occurrences } from './occurrences.ts';
import type { SchedulePlan } from './plan.ts';

export interface ForecastFire {
  /** Milliseconds since 1970. */
  at: number;
  zone: string;
  /** Why nothing will be fired then, as far as that can be known now; null = it will. */
  blocked: string | null;
}

/** A pattern may be blocked for years: no more instants than this are looked at. */
const LOOKED_AT = 10_000;

/**
 * The next instants at which a schedule is due, soonest first, those that will not fire with the reason. None for a schedule
 * without ticks of its own: it is looked at every minute. Pure.
 */
export function forecast(
  plan: SchedulePlan,
  o: { zones: readonly string[]; now: number; count: number; enabled: boolean; freeze: { value: Freeze | undefined } | undefined },
): ForecastFire[] {
  const { trigger } = plan;
  if (trigger.kind !== 'ticks') return [];
  const { zones, now, count, enabled, freeze } = o;
  const next: { zone: string; occurrences: Occurrences; at: number }[] = [];
  for (const zone of zones) {
    const occurrences = new Occurrences(trigger.pattern, zone);
    const at = occurrences.after(now);
    if (at !== undefined) next.push({ zone, occurrences, at });
  }
  const fires: ForecastFire[] = [];
  for (let looked = 0; fires.length < count && next.length > 0 && looked < LOOKED_AT; looked++) {
    const first = next.reduce((a, b) => (b.at < a.at ? b : a));
    const { zone, at } = first;
    const blocked = !enabled ? 'it is disabled' : (closedAt(plan, zone, at) ?? frozen(freeze));
    fires.push({ at, zone, blocked: blocked ?? null });
    const after = first.occurrences.after(at);
    if (after === undefined) next.splice(next.indexOf(first), 1);
    else first.at = after;
  }
  return fires;
}

function frozen(freeze: { value: Freeze | undefined } | undefined): string | undefined {
  if (freeze === undefined) return undefined;
  const reason = freeze.value?.reason;
  return `the fleet is frozen${reason ? `: ${reason}` : ''}`;
}
