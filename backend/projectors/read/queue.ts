import { instant } from '#core/contract/time.ts';
import { type Database, query } from './open-reader.ts';

/** What a PC is running, or has still to run. */
export interface QueuedView {
  exec_id: string;
  state: 'queued' | 'running';
  job_id: string | null;
  actor: string | null;
  submitted_at: string | null;
  expires_at: string | null;
  started_at: string | null;
}

interface Row extends Omit<QueuedView, 'expires_at'> {
  expires_at: number | null;
}

const OPEN = `FROM targets t JOIN executions e ON e.exec_id = t.exec_id
  WHERE t.pc_id = ? AND t.outcome IS NULL AND t.state IN ('queued', 'running') AND (t.state = 'running' OR e.expires_at IS NULL OR e.expires_at > ?)`;

/** Oldest first: the order they will start in. */
export function queueOf(db: Database, pcId: string, now: number, limit: number): QueuedView[] {
  const rows = query<Row>(
    db,
    `SELECT t.exec_id, t.state, t.started_at, e.job_id, e.actor, e.submitted_at, e.expires_at ${OPEN}
     ORDER BY e.first_recorded, t.exec_id LIMIT ?`,
  ).all(pcId, now, limit);
  return rows.map((row) => ({ ...row, expires_at: row.expires_at === null ? null : instant(row.expires_at) }));
}

export function openRowsOf(db: Database, pcId: string, now: number): { execId: string; state: 'queued' | 'running' }[] {
  return query<{ execId: string; state: 'queued' | 'running' }>(db, `SELECT t.exec_id AS execId, t.state AS state ${OPEN}`).all(pcId, now);
}
