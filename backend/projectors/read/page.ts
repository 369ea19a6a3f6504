/**
 * A page of rows that were asked for with one more than `limit`: that one only tells whether there is a next page.
 * `last` is where the next one goes on; undefined on the last page.
 */
export function pageOfRows<R>(rows: R[], limit: number): { rows: R[]; last: R | undefined } {
  if (rows.length <= limit) return { rows, last: undefined };
  return { rows: rows.slice(0, limit), last: rows[limit - 1] };
}
