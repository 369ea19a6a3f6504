import { LIMIT_DEFAULT } from '../schema/structs.ts';
import { decodeCursor, encodeCursor, listKey } from './cursor.ts';
import type { Page } from './page.ts';

/** When a row was made, RFC 3339 in UTC, and its id. */
export type TimedPlace = readonly [at: string, id: string];

/**
 * One page of rows that lie in memory, by their time, those of one time by id. `name` and `query` make the cursor, as in cursor.ts:
 * `invalid_cursor` for one of another list.
 */
export function timedPage<T>(
  name: string,
  query: { limit?: number; cursor?: string },
  rows: readonly T[],
  { placeOf, newestFirst = false }: { placeOf: (row: T) => TimedPlace; newestFirst?: boolean },
): Page<T> {
  const { limit = LIMIT_DEFAULT, cursor } = query;
  const key = listKey(name, query);
  const after = cursor === undefined ? undefined : (decodeCursor(key, cursor, ['string', 'string']) as unknown as TimedPlace);
  const order = (a: TimedPlace, b: TimedPlace): number => {
    if (a[0] !== b[0]) return a[0] < b[0] === newestFirst ? 1 : -1;
    return a[1] === b[1] ? 0 : a[1] < b[1] ? -1 : 1;
  };
  const rest = rows.filter((row) => after === undefined || order(placeOf(row), after) > 0).sort((a, b) => order(placeOf(a), placeOf(b)));
  const items = rest.slice(0, limit);
  return { items, next: rest.length > limit ? encodeCursor(key, placeOf(items.at(-1)!)) : null };
}
