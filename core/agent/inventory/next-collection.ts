/**
 * Milliseconds from the time a PC is confirmed to its first collection, at least and at most: PCs that connect as one do not
 * collect as one.
 */
export const FIRST_WITHIN: readonly [number, number] = [60_000, 600_000];

/** All times in milliseconds; `random` gives [0, 1). */
interface Pace {
  now: number;
  interval: number;
  random: () => number;
}

/** When to collect for the first time since this PC was confirmed; `last` is when it was done last, also before a restart. */
export function firstCollection({ now, interval, random }: Pace, last: number | undefined, within = FIRST_WITHIN): number {
  const soon = now + within[0] + random() * (within[1] - within[0]);
  // By a time that is yet to come this PC's clock was wrong, and it says nothing.
  if (last === undefined || last > now) return soon;
  return Math.max(soon, nextCollection({ now: last, interval, random }));
}

/** When to collect after the collection that ends now: after the interval, +-10 %. */
export function nextCollection({ now, interval, random }: Pace): number {
  return now + interval * (0.9 + random() * 0.2);
}
