import { closedAt } from './gates.ts';
import { type Occurrences, occurrencesOf } from './occurrences.ts';
import type { SchedulePlan } from './plan.ts';

export interface ForecastFire {
  /** Milliseconds since 1970. */
  at: number;
  zone: string;
  /** Why nothing will be fired then, as far as that can be known now; null = it will. */
  blocked: string | null;
}

/**
 * The next instants at which a schedule is due, soonest first and one by one, those that will not fire with the reason.
 * None for a schedule without ticks of its own: it is looked at every minute. `held`: why none of them will, if so.
 */
export function* forecast(
  plan: SchedulePlan,
  o: { zones: readonly string[]; now: number; held: string | undefined },
): Generator<ForecastFire> {
  const { trigger } = plan;
  if (trigger.kind !== 'ticks') return;
  const next: { zone: string; occurrences: Occurrences; at: number }[] = [];
  for (const zone of o.zones) {
    const occurrences = occurrencesOf(trigger.pattern, zone);
    const at = occurrences.after(o.now);
    if (at !== undefined) next.push({ zone, occurrences, at });
  }
  while (next.length > 0) {
    const first = next.reduce((a, b) => (b.at < a.at ? b : a));
    const { zone, at } = first;
    yield { at, zone, blocked: o.held ?? closedAt(plan, zone, at) ?? null };
    const after = first.occurrences.after(at);
    if (after === undefined) next.splice(next.indexOf(first), 1);
    else first.at = after;
  }
}

/** The first `count` of many forecasts together, soonest first: each gives no more than is asked of it. */
export function soonest<T extends { at: number }>(forecasts: Iterable<Iterator<T>>, count: number): T[] {
  const heads: { from: Iterator<T>; head: T }[] = [];
  for (const from of forecasts) {
    const { value, done } = from.next();
    if (!done) heads.push({ from, head: value });
  }
  const found: T[] = [];
  while (found.length < count && heads.length > 0) {
    const first = heads.reduce((a, b) => (b.head.at < a.head.at ? b : a));
    found.push(first.head);
    const { value, done } = first.from.next();
    if (done) heads.splice(heads.indexOf(first), 1);
    else first.head = value;
  }
  return found;
}
