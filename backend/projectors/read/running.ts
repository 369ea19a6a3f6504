import { type Database, query } from './open-reader.ts';

/** The PC that is running this, and for which execution; undefined when no running row has this result id. */
export function whoIsRunning(db: Database, resultId: string): { exec_id: string; pc_id: string } | undefined {
  return query<{ exec_id: string; pc_id: string }>(
    db,
    `SELECT exec_id, pc_id FROM targets WHERE state = 'running' AND started_result_id = ?`,
  ).get(resultId);
}
