import { createHash } from 'node:crypto';
import { stateAtRead, type TargetState } from '#core/contract/target-state.ts';
import { type Database, marks, query } from './open-reader.ts';
import { pageOfRows } from './page.ts';
import { expiryOf, storedStates } from './states.ts';

/** One PC of an execution. */
export interface TargetView {
  pc_id: string;
  state: TargetState;
  reason: string | null;
  exit_code: number | null;
  reboot_required: boolean;
  started_at: string | null;
  finished_at: string | null;
  /** Also while it runs: what to ask the tail for. */
  result_id: string | null;
}

interface Row {
  pc_id: string;
  state: TargetState;
  outcome: string | null;
  reason: string | null;
  cancel_reason: string | null;
  lost_reason: string | null;
  exit_code: number | null;
  reboot_required: number | null;
  started_at: string | null;
  finished_at: string | null;
  result_id: string | null;
}

/** A start is announced before the process is there: when it never was, the result takes that back by naming no time. */
const COLUMNS = `pc_id, state, outcome, reason, cancel_reason, lost_reason, exit_code, reboot_required,
  CASE WHEN outcome IN ('failed', 'skipped') AND state = outcome THEN result_started_at ELSE coalesce(result_started_at, started_at) END AS started_at, finished_at, coalesce(result_id, started_result_id) AS result_id`;

/** By PC. `next` is what to say as `after` for the next page; undefined on the last. */
export function listTargets(
  db: Database,
  execId: string,
  q: { states?: readonly TargetState[]; pcs?: readonly string[]; after?: string; limit: number; now: number },
): { items: TargetView[]; next?: string } {
  const expiresAt = expiresAtOf(db, execId);
  const states = q.states && storedStates(q.states, expiresAt, q.now);
  const only = [...(q.pcs ? [` AND pc_id IN (${marks(q.pcs)})`] : []), ...(states ? [` AND state IN (${marks(states)})`] : [])].join('');
  const found = query<Row>(
    db,
    `SELECT ${COLUMNS} FROM targets WHERE exec_id = ? AND pc_id > ?${only}
     ORDER BY pc_id LIMIT ?`,
  ).all(execId, q.after ?? '', ...(q.pcs ?? []), ...(states ?? []), q.limit + 1);
  const { rows, last } = pageOfRows(found, q.limit);
  return { items: rows.map((row) => view(row, expiresAt, q.now)), ...(last === undefined ? {} : { next: last.pc_id }) };
}

/** How far this projection had read each stream: what an SSE stream gives out as its id and resumes from. */
export interface Progress {
  /** Of the streams themselves: with another one the sequences mean nothing. */
  epoch: string;
  executions: number;
  events: number;
  results: number;
}

/**
 * The rows that something was said about since `since`, or all of them when there is no `since` or it is of other
 * streams (`all`), and how far it reads now. Any backend can go on where another one stopped. A dead letter that is
 * projected after all keeps its old sequence, so it shows with the next reading of all.
 */
export function changedTargets(
  db: Database,
  execId: string,
  since: Progress | undefined,
  now: number,
): { items: TargetView[]; all: boolean; progress: Progress } {
  return db.transaction(() => {
    const progress = progressOf(db);
    const all = since === undefined || since.epoch !== progress.epoch;
    const rows = all
      ? query<Row>(db, `SELECT ${COLUMNS} FROM targets WHERE exec_id = ? ORDER BY pc_id`).all(execId)
      : query<Row>(
          db,
          `SELECT ${COLUMNS} FROM targets WHERE exec_id = ? AND pc_id IN (
             SELECT pc_id FROM targets WHERE exec_id = ? AND exec_seq > ?
             UNION ALL SELECT pc_id FROM targets WHERE exec_id = ? AND event_seq > ?
             UNION ALL SELECT pc_id FROM targets WHERE exec_id = ? AND result_seq > ?)
           ORDER BY pc_id`,
        ).all(execId, execId, since.executions, execId, since.events, execId, since.results);
    const expiresAt = expiresAtOf(db, execId);
    return { items: rows.map((row) => view(row, expiresAt, now)), all, progress };
  })();
}

export function pcsInStates(db: Database, execId: string, states: readonly TargetState[], now: number): string[] {
  const stored = storedStates(states, expiresAtOf(db, execId), now);
  const rows = query<{ pc_id: string }>(
    db,
    `SELECT pc_id FROM targets WHERE exec_id = ? AND state IN (${marks(stored)}) ORDER BY pc_id`,
  ).all(execId, ...stored);
  return rows.map((row) => row.pc_id);
}

/** How many PCs skipped it for a freeze or for a later fire. */
export function countPutOff(db: Database, execId: string): number {
  return query<{ n: number }>(
    db,
    `SELECT count(*) AS n FROM targets
     WHERE exec_id = ? AND state = 'skipped' AND coalesce(reason, cancel_reason) IN ('superseded', 'frozen')`,
  ).get(execId)!.n;
}

export function allPcs(db: Database, execId: string): string[] {
  const rows = query<{ pc_id: string }>(db, 'SELECT pc_id FROM targets WHERE exec_id = ? ORDER BY pc_id').all(execId);
  return rows.map((row) => row.pc_id);
}

function progressOf(db: Database): Progress {
  const rows = query<{ stream: string; created: string; seq: number }>(
    db,
    'SELECT stream, created, seq FROM projector ORDER BY stream',
  ).all();
  const of = (stream: string) => rows.find((row) => row.stream === stream);
  const created = ['EXECUTIONS', 'EVENTS', 'RESULTS'].map((stream) => of(stream)?.created ?? '');
  return {
    epoch: createHash('sha256').update(created.join(' ')).digest('hex').slice(0, 12),
    executions: of('EXECUTIONS')?.seq ?? 0,
    events: of('EVENTS')?.seq ?? 0,
    results: of('RESULTS')?.seq ?? 0,
  };
}

function expiresAtOf(db: Database, execId: string): number | null {
  const row = query<{ expires_at: number | null }>(db, 'SELECT expires_at FROM executions WHERE exec_id = ?').get(execId);
  return row?.expires_at ?? null;
}

function view(row: Row, expiresAt: number | null, now: number): TargetView {
  return {
    pc_id: row.pc_id,
    state: stateAtRead(row.state, expiryOf(expiresAt), now),
    reason: reasonOf(row),
    exit_code: row.exit_code,
    reboot_required: row.reboot_required === 1,
    started_at: row.started_at,
    finished_at: row.finished_at,
    result_id: row.result_id,
  };
}

/** What the agent said, else what the backend said of a row in that state. */
function reasonOf(row: Row): string | null {
  if (row.outcome !== null) return row.reason;
  if (row.state === 'lost') return row.lost_reason;
  // Skipped without a word of the agent: superseded.
  return row.state === 'cancelled' || row.state === 'skipped' ? row.cancel_reason : null;
}
