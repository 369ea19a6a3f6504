import { type Database, query } from './open-reader.ts';

export interface OverdueRow {
  execId: string;
  pcId: string;
  resultId: string;
  /** Milliseconds since 1970. */
  deadlineAt: number;
}

/** Running rows past their deadline, the longest overdue first; those that come behind `after`. */
export function runningPastDeadline(db: Database, now: number, limit: number, after?: OverdueRow): OverdueRow[] {
  const behind = after === undefined ? [] : [after.deadlineAt, after.resultId, after.execId, after.pcId];
  return query<OverdueRow>(
    db,
    `SELECT exec_id AS execId, pc_id AS pcId, started_result_id AS resultId, deadline_at AS deadlineAt FROM targets
     WHERE state = 'running' AND deadline_at <= ?
       ${after === undefined ? '' : 'AND (deadline_at, started_result_id, exec_id, pc_id) > (?, ?, ?, ?)'}
     ORDER BY deadline_at, started_result_id, exec_id, pc_id LIMIT ?`,
  ).all(now, ...behind, limit);
}
