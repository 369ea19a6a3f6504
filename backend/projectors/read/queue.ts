import { instant } from '#core/contract/time.ts';
import { type Database, query } from './open-reader.ts';
import { pageOfRows } from './page.ts';

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
  first_recorded: number;
  expires_at: number | null;
}

const OPEN = `FROM targets t JOIN executions e ON e.exec_id = t.exec_id
  WHERE t.pc_id = ? AND t.outcome IS NULL AND t.state IN ('queued', 'running') AND (t.state = 'running' OR e.expires_at IS NULL OR e.expires_at > ?)`;

/** The place of an execution in a queue. */
export interface QueueCursor {
  recorded: number;
  execId: string;
}

/** Oldest first: the order they will start in. `next` is what to say as `after` for the next page. */
export function queueOf(
  db: Database,
  pcId: string,
  q: { after?: QueueCursor; limit: number; now: number },
): { items: QueuedView[]; next?: QueueCursor } {
  const found = query<Row>(
    db,
    `SELECT t.exec_id, t.state, t.started_at, e.job_id, e.actor, e.submitted_at, e.expires_at, e.first_recorded ${OPEN}
     AND (e.first_recorded, t.exec_id) > (?, ?) ORDER BY e.first_recorded, t.exec_id LIMIT ?`,
  ).all(pcId, q.now, q.after?.recorded ?? 0, q.after?.execId ?? '', q.limit + 1);
  const { rows, last } = pageOfRows(found, q.limit);
  return {
    items: rows.map(({ first_recorded: _, ...row }) => ({ ...row, expires_at: row.expires_at === null ? null : instant(row.expires_at) })),
    ...(last === undefined ? {} : { next: { recorded: last.first_recorded, execId: last.exec_id } }),
  };
}

export function openRowsOf(db: Database, pcId: string, now: number): { execId: string; state: 'queued' | 'running' }[] {
  return query<{ execId: string; state: 'queued' | 'running' }>(db, `SELECT t.exec_id AS execId, t.state AS state ${OPEN}`).all(pcId, now);
}
