import { type Database, query } from './open-reader.ts';

export interface OverdueRow {
  execId: string;
  pcId: string;
  resultId: string;
  /** Milliseconds since 1970. */
  deadlineAt: number;
}

/** Running rows past their deadline, the longest overdue first. */
export function runningPastDeadline(db: Database, now: number, limit: number): OverdueRow[] {
  return query<OverdueRow>(
    db,
    `SELECT exec_id AS execId, pc_id AS pcId, started_result_id AS resultId, deadline_at AS deadlineAt FROM targets
     WHERE state = 'running' AND deadline_at <= ? ORDER BY deadline_at LIMIT ?`,
  ).all(now, limit);
}
