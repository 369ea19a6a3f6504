import { define, type Struct } from 'superstruct';

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** An instant as RFC 3339; we write UTC with `Z` and milliseconds, and read any offset and fraction (the seeds write more digits). */
export const Instant: Struct<string, null> = define(
  'Instant',
  (value) => (typeof value === 'string' && RFC3339.test(value) && !Number.isNaN(Date.parse(value))) || 'must be an RFC 3339 time',
);

/** Milliseconds since 1970 as RFC 3339 UTC. */
export function instant(ms: number): string {
  return new Date(ms).toISOString();
}
