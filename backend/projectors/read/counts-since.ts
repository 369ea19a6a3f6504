import { stateAtRead, TARGET_STATES, type TargetState } from '#core/contract/target-state.ts';
import { type Database, query } from './open-reader.ts';
import { expiryOf } from './states.ts';

/** PCs of all executions since `since` (milliseconds since 1970) by their state: from what is counted for each execution anyway. */
export function countsSince(db: Database, since: number, now: number): Record<TargetState, number> {
  const counts = Object.fromEntries(TARGET_STATES.map((state) => [state, 0])) as Record<TargetState, number>;
  const rows = query<{ state: TargetState; n: number; expires_at: number | null }>(
    db,
    `SELECT c.state, c.n, e.expires_at FROM executions e CROSS JOIN exec_counts c ON c.exec_id = e.exec_id WHERE e.first_recorded > ?`,
  ).iterate(since);
  for (const { state, n, expires_at } of rows) counts[stateAtRead(state, expiryOf(expires_at), now)] += n;
  return counts;
}
