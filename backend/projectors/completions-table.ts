import type { Database } from 'better-sqlite3';
import type { ExecRow } from './executions-table.ts';

/** The latest success counts, whatever order they are read in and whichever of result and bucket comes first. */
export function prepareCompletions(db: Database) {
  return {
    note: db.prepare<[string, string, number, string, string, number]>(
      `INSERT INTO completions (schedule_id, pc_id, finished_recorded, exec_id, version, kept_recorded) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (schedule_id, pc_id) DO UPDATE SET
         exec_id = iif(excluded.finished_recorded > finished_recorded, excluded.exec_id, exec_id),
         version = iif(excluded.finished_recorded > finished_recorded, excluded.version, version),
         finished_recorded = max(finished_recorded, excluded.finished_recorded),
         kept_recorded = max(kept_recorded, excluded.kept_recorded)`,
    ),
  };
}

export type CompletionStatements = ReturnType<typeof prepareCompletions>;

/** `recorded`: when the broker stored the result. Nothing for executions that no schedule fired. */
export function noteCompletion(w: { completions: CompletionStatements }, execution: ExecRow, pc: string, recorded: number): void {
  const { schedule_id, exec_id, version } = execution;
  if (schedule_id !== null) w.completions.note.run(schedule_id, pc, recorded, exec_id, version ?? '', 0);
}
