import type { Database } from 'better-sqlite3';
import type { TargetFactsRow } from './target-row.ts';

const FACTS = 'state, started_recorded, result_recorded, outcome, reason, cancelled_recorded, cancel_reason, lost_recorded';

/**
 * One statement for each thing that is said about a row, so that SQLite touches only the indexes of what changes.
 * An update without a matching `where` changes nothing: callers look first.
 */
export function prepareTargets(db: Database) {
  return {
    facts: db.prepare<[string, string], TargetFactsRow>(`SELECT ${FACTS} FROM targets WHERE exec_id = ? AND pc_id = ?`),
    factsOfAll: db.prepare<[string], TargetFactsRow & { pc_id: string }>(`SELECT pc_id, ${FACTS} FROM targets WHERE exec_id = ?`),
    make: db.prepare<[string, string, string, number | null, string | null, number | null, string | null]>(
      'INSERT INTO targets (exec_id, pc_id, state, cancelled_recorded, cancel_reason, exec_seq, schedule_id) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    /** Of rows that facts made before their submission said which schedule they belong to. */
    ofSchedule: db.prepare<[string, string]>('UPDATE targets SET schedule_id = ? WHERE exec_id = ?'),
    succeeded: db.prepare<[string], { pc_id: string; result_recorded: number }>(
      "SELECT pc_id, result_recorded FROM targets WHERE exec_id = ? AND outcome = 'succeeded'",
    ),
    sawExec: db.prepare<[number, string, string]>(
      'UPDATE targets SET exec_seq = max(coalesce(exec_seq, 0), ?) WHERE exec_id = ? AND pc_id = ?',
    ),
    sawEvent: db.prepare<[number, string, string]>(
      'UPDATE targets SET event_seq = max(coalesce(event_seq, 0), ?) WHERE exec_id = ? AND pc_id = ?',
    ),
    sawResult: db.prepare<[number, string, string]>(
      'UPDATE targets SET result_seq = max(coalesce(result_seq, 0), ?) WHERE exec_id = ? AND pc_id = ?',
    ),
    deadlines: db.prepare<[number, string]>(
      'UPDATE targets SET deadline_at = started_recorded + ? WHERE exec_id = ? AND started_recorded IS NOT NULL',
    ),
    started: db.prepare<[string, number, string, string, number, number, string, string]>(
      `UPDATE targets SET state = ?, started_recorded = ?, started_at = ?, started_result_id = ?, deadline_at = ?,
         event_seq = max(coalesce(event_seq, 0), ?) WHERE exec_id = ? AND pc_id = ?`,
    ),
    result: db.prepare<
      [string, number, string, string | null, number | null, number, string | null, string, string, number, string, string]
    >(
      `UPDATE targets SET state = ?, result_recorded = ?, outcome = ?, reason = ?, exit_code = ?, reboot_required = ?,
         result_started_at = ?, finished_at = ?, result_id = ?, result_seq = max(coalesce(result_seq, 0), ?) WHERE exec_id = ? AND pc_id = ?`,
    ),
    cancelled: db.prepare<[string, number, string | null, number, string, string]>(
      `UPDATE targets SET state = ?, cancelled_recorded = ?, cancel_reason = ?, exec_seq = max(coalesce(exec_seq, 0), ?)
       WHERE exec_id = ? AND pc_id = ?`,
    ),
    lost: db.prepare<[string, number, string, number, string, string]>(
      'UPDATE targets SET state = ?, lost_recorded = ?, lost_reason = ?, exec_seq = max(coalesce(exec_seq, 0), ?) WHERE exec_id = ? AND pc_id = ?',
    ),
    keepResult: db.prepare<[string, string, string, number, Uint8Array]>(
      `INSERT INTO results (result_id, pc_id, exec_id, recorded, body) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (result_id, pc_id, exec_id) DO UPDATE SET recorded = excluded.recorded, body = excluded.body
         WHERE excluded.recorded < results.recorded`,
    ),
  };
}

export type TargetStatements = ReturnType<typeof prepareTargets>;
