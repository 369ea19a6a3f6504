export const DAY = 86_400_000;
/** Whoever has to renew a certificate by hand is told so many days before its end. */
const WARN_DAYS = 21;

/** Negative when it is over. */
export function daysUntil(ends: Date, now: number): number {
  return Math.floor((ends.getTime() - now) / DAY);
}

/** Or has ended. */
export function endsSoon(ends: Date, now: number): boolean {
  return daysUntil(ends, now) < WARN_DAYS;
}
