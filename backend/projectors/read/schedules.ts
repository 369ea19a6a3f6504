import { ENDED, IN_VAIN } from '../schema.ts';
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
  /** Until when a running one is given to end; null for what is queued. */
  deadline_at: number | null;
}

/**
 * The rows of a schedule that are queued and not expired, or running. A PC that stays off leaves queued rows behind for
 * months, so they are looked for from the executions that are not expired.
 */
export function openRowsOf(db: Database, scheduleId: string, now: number): OpenRow[] {
  return query<OpenRow>(
    db,
    `SELECT t.pc_id, t.exec_id, t.state, e.nominal_at, e.run_now, NULL AS deadline_at
     FROM executions e CROSS JOIN targets t INDEXED BY targets_queued_of_schedules ON t.exec_id = e.exec_id
     WHERE e.schedule_id = ? AND e.expires_at > ? AND t.schedule_id IS NOT NULL AND t.state = 'queued'
     UNION ALL
     SELECT t.pc_id, t.exec_id, t.state, e.nominal_at, e.run_now, t.deadline_at
     FROM targets t INDEXED BY targets_running_by_schedule JOIN executions e ON e.exec_id = t.exec_id
     WHERE t.schedule_id = ? AND t.state = 'running' AND t.cancelled_recorded IS NULL`,
  ).all(scheduleId, now, scheduleId);
}

export interface TriesRow {
  pc_id: string;
  n: number;
  ended: number;
}

/**
 * How often a schedule has come to nothing on each PC since its last success, of runs with that version that were submitted
 * at `since` or later, and when the last of them ended.
 *
 * Of the months before that nothing is read: the PCs are stepped through one by one, and the tries of each only from there on.
 */
export function triesOf(db: Database, scheduleId: string, { version, since }: { version: string; since: number }): TriesRow[] {
  return query<TriesRow>(
    db,
    `WITH RECURSIVE failing (pc_id) AS (
       SELECT min(pc_id) FROM targets WHERE schedule_id = @scheduleId AND ${IN_VAIN}
       UNION ALL
       SELECT (SELECT min(pc_id) FROM targets WHERE schedule_id = @scheduleId AND pc_id > f.pc_id AND ${IN_VAIN})
       FROM failing f WHERE f.pc_id IS NOT NULL
     ), tries AS (
       SELECT f.pc_id, t.exec_id, t.ended
       FROM failing f LEFT JOIN completions c ON c.schedule_id = @scheduleId AND c.pc_id = f.pc_id
       CROSS JOIN (SELECT schedule_id, pc_id, exec_id, ${ENDED} AS ended FROM targets WHERE ${IN_VAIN}) t
       WHERE t.schedule_id = @scheduleId AND t.pc_id = f.pc_id AND t.ended > max(coalesce(c.finished_recorded, 0), @since - 1)
     )
     SELECT t.pc_id, count(*) AS n, max(t.ended) AS ended FROM tries t CROSS JOIN executions e ON e.exec_id = t.exec_id
     WHERE e.version = @version AND e.first_recorded >= @since AND e.run_now = 0
     GROUP BY t.pc_id`,
  ).all({ scheduleId, version, since });
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
    `SELECT t.pc_id, t.state, max(e.attempt) AS attempt, coalesce(t.result_recorded, t.cancelled_recorded, t.lost_recorded) AS ended
     FROM executions e CROSS JOIN targets t ON t.exec_id = e.exec_id
     WHERE e.schedule_id = ? AND e.nominal_at = ? AND e.run_now = 0
     GROUP BY t.pc_id`,
  ).all(scheduleId, nominal);
}

/** Successes that the bucket does not hold yet. */
export function unkeptCompletions(db: Database, limit: number): (SuccessRow & { schedule_id: string })[] {
  return query<SuccessRow & { schedule_id: string }>(
    db,
    `SELECT schedule_id, pc_id, finished_recorded, exec_id, version FROM completions
     WHERE finished_recorded > kept_recorded ORDER BY schedule_id, pc_id LIMIT ?`,
  ).all(limit);
}
