import { type Database, query } from './open-reader.ts';

/** Times are milliseconds since 1970, the broker's. */
export interface SuccessRow {
  pc_id: string;
  finished_recorded: number;
  exec_id: string;
  version: string;
}

/** The last success of each PC for a schedule. */
export function successesOf(db: Database, scheduleId: string): SuccessRow[] {
  return query<SuccessRow>(db, 'SELECT pc_id, finished_recorded, exec_id, version FROM completions WHERE schedule_id = ?').all(scheduleId);
}

export interface OpenRow {
  pc_id: string;
  exec_id: string;
  state: 'queued' | 'running';
  nominal_at: number;
  run_now: number;
}

/** The rows of a schedule that are queued and not expired, or running. */
export function openRowsOf(db: Database, scheduleId: string, now: number): OpenRow[] {
  return query<OpenRow>(
    db,
    `SELECT t.pc_id, t.exec_id, t.state, e.nominal_at, e.run_now FROM targets t JOIN executions e ON e.exec_id = t.exec_id
     WHERE t.schedule_id = ? AND t.outcome IS NULL AND t.cancelled_recorded IS NULL
       AND (t.state = 'running' OR (t.state = 'queued' AND e.expires_at > ?))`,
  ).all(scheduleId, now);
}

export interface TriesRow {
  pc_id: string;
  n: number;
  ended: number;
}

const ENDED = 'coalesce(t.result_recorded, t.cancelled_recorded, t.lost_recorded)';

/**
 * How often a schedule has come to nothing on each PC since its last success, of runs with that version that were submitted
 * at `since` or later, and when the last of them ended. What was only put off (superseded, frozen, expired) was no try.
 */
export function triesOf(db: Database, scheduleId: string, { version, since }: { version: string; since: number }): TriesRow[] {
  return query<TriesRow>(
    db,
    `SELECT t.pc_id, count(*) AS n, max(${ENDED}) AS ended
     FROM targets t JOIN executions e ON e.exec_id = t.exec_id
       LEFT JOIN completions c ON c.schedule_id = t.schedule_id AND c.pc_id = t.pc_id
     WHERE t.schedule_id = ? AND e.version = ? AND e.first_recorded >= ? AND e.run_now = 0
       AND t.state IN ('failed', 'timed_out', 'killed', 'unknown', 'lost', 'cancelled', 'skipped')
       AND coalesce(t.reason, t.cancel_reason, '') NOT IN ('superseded', 'frozen')
       AND ${ENDED} > coalesce(c.finished_recorded, 0)
     GROUP BY t.pc_id`,
  ).all(scheduleId, version, since);
}

export interface FireRow {
  pc_id: string;
  state: string;
  attempt: number;
  ended: number | null;
}

/** The last attempt on each PC of the fire of that nominal time. */
export function fireRowsOf(db: Database, scheduleId: string, nominal: number): FireRow[] {
  return query<FireRow>(
    db,
    `SELECT t.pc_id, t.state, max(e.attempt) AS attempt, ${ENDED} AS ended FROM executions e JOIN targets t ON t.exec_id = e.exec_id
     WHERE e.schedule_id = ? AND e.first_recorded >= ? AND e.nominal_at = ? AND e.run_now = 0
     GROUP BY t.pc_id`,
  ).all(scheduleId, nominal - CLOCKS_DIFFER, nominal);
}

/** Milliseconds by which the clock that names a nominal time may be ahead of the broker's. */
const CLOCKS_DIFFER = 86_400_000;

/** Successes that the bucket does not hold yet. */
export function unkeptCompletions(db: Database, limit: number): (SuccessRow & { schedule_id: string })[] {
  return query<SuccessRow & { schedule_id: string }>(
    db,
    `SELECT schedule_id, pc_id, finished_recorded, exec_id, version FROM completions
     WHERE finished_recorded > kept_recorded ORDER BY schedule_id, pc_id LIMIT ?`,
  ).all(limit);
}
