import { type Database, query } from './open-reader.ts';

/** The exact text of what was submitted, and whether it goes to all in one message; undefined without a submission. */
export function commandOf(db: Database, execId: string): { command: string; broadcast: boolean } | undefined {
  const row = query<{ command: string | null; broadcast: number | null }>(
    db,
    'SELECT command, broadcast FROM executions WHERE exec_id = ?',
  ).get(execId);
  return row === undefined || row.command === null ? undefined : { command: row.command, broadcast: row.broadcast === 1 };
}
