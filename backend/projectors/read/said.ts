import type { AuditEntry } from '#core/contract/audit.ts';
import { instant } from '#core/contract/time.ts';
import type { ProjectedStream } from '../streams.ts';
import { type Database, query } from './open-reader.ts';
import { pageOfRows } from './page.ts';

/** The place of an entry in a list, newest first: when the broker stored it, and its sequence (of a dead letter its id). */
export interface SaidCursor {
  recorded: number;
  seq: number;
}

export interface Page<T> {
  items: T[];
  /** What to say as `before` for the next page; not there on the last. */
  next?: SaidCursor;
}

interface PageQuery {
  /** Milliseconds since 1970, inclusive: when the broker stored it. */
  since?: number;
  before?: SaidCursor;
  limit: number;
}

export interface AgentEventView {
  event_id: string;
  pc_id: string;
  kind: string;
  at: string;
  recorded_at: string;
  code: string | null;
  detail: string | null;
  subject: string | null;
  request_id: string | null;
  exec_id: string | null;
}

export function listEvents(db: Database, q: PageQuery & { pc?: string; kind?: string }): Page<AgentEventView> {
  const columns = 'event_id, pc_id, kind, at, code, detail, subject, request_id, exec_id';
  return newestFirst(db, 'agent_events', columns, 'seq', { pc_id: q.pc, kind: q.kind }, q, ({ recorded, seq: _, ...row }) => ({
    ...(row as unknown as Omit<AgentEventView, 'recorded_at'>),
    recorded_at: instant(recorded),
  }));
}

/** What an entry does not say is null. */
export interface AuditView extends Omit<AuditEntry, keyof typeof UNSAID> {
  target: string | null;
  before: unknown;
  after: unknown;
  request_id: string | null;
  source_ip: string | null;
  recorded_at: string;
}

const UNSAID = { target: null, before: null, after: null, request_id: null, source_ip: null };

export function listAudit(db: Database, q: PageQuery & { actor?: string; action?: string; target?: string }): Page<AuditView> {
  const { actor, action, target } = q;
  return newestFirst(db, 'audit', 'body', 'seq', { actor, action, target }, q, (row) => ({
    ...UNSAID,
    ...(JSON.parse(row.body as string) as AuditEntry),
    recorded_at: instant(row.recorded),
  }));
}

export interface DeadLetterView {
  id: number;
  stream: ProjectedStream;
  seq: number;
  subject: string;
  recorded_at: string;
  code: string;
  detail: string;
  /** Bytes of the body; `preview` is its beginning. */
  size: number;
  preview: string;
}

const DEAD_LETTER = 'stream, subject, code, detail, size, preview, seq AS stream_seq';

export function listDeadLetters(db: Database, q: PageQuery & { stream?: ProjectedStream }): Page<DeadLetterView> {
  return newestFirst(db, 'dead_letters', DEAD_LETTER, 'id', { stream: q.stream }, q, deadLetterView);
}

export function getDeadLetter(db: Database, id: number): DeadLetterView | undefined {
  const row = query<Row>(db, `SELECT ${DEAD_LETTER}, recorded, id AS seq FROM dead_letters WHERE id = ?`).get(id);
  return row && deadLetterView(row);
}

export function countDeadLetters(db: Database): number {
  return query<{ n: number }>(db, 'SELECT count(*) AS n FROM dead_letters').get()!.n;
}

type Row = Record<string, unknown> & { recorded: number; seq: number };

function deadLetterView({ recorded, seq, stream_seq, ...row }: Row): DeadLetterView {
  return { ...(row as unknown as DeadLetterView), id: seq, seq: stream_seq as number, recorded_at: instant(recorded) };
}

/** `second` breaks ties of `recorded`. The bounds are always said, so that every page is a search in an index. */
function newestFirst<T>(
  db: Database,
  table: string,
  columns: string,
  second: string,
  equal: Record<string, string | undefined>,
  { since = 0, before, limit }: PageQuery,
  view: (row: Row) => T,
): Page<T> {
  const given = Object.entries(equal).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const where = [...given.map(([column]) => `${column} = ?`), `(recorded, ${second}) < (?, ?)`, 'recorded >= ?'].join(' AND ');
  const found = query<Row>(
    db,
    `SELECT ${columns}, recorded, ${second} AS seq FROM ${table} WHERE ${where} ORDER BY recorded DESC, ${second} DESC LIMIT ?`,
  ).all(...given.map(([, value]) => value), before?.recorded ?? Number.MAX_SAFE_INTEGER, before?.seq ?? 0, since, limit + 1);
  const { rows, last } = pageOfRows(found, limit);
  return { items: rows.map(view), ...(last === undefined ? {} : { next: { recorded: last.recorded, seq: last.seq } }) };
}
