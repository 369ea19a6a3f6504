import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { STREAMS } from '#core/contract/streams.ts';
import { withoutData } from './inventory/apply.ts';
import { prepareInventory, type SectionRow } from './inventory/tables.ts';
import { OLDEST } from './schema.ts';
import { keptFor, PROJECTED } from './streams.ts';
import { WEEK, WEIGHED, weeksKept } from './volumes.ts';

/** Milliseconds. An execution goes with all its rows this long after its submission (design section 5). */
export const KEEP_EXECUTIONS = STREAMS.EXECUTIONS.maxAge * 1000;
/** Rows deleted in one transaction: a projector waits for no more than that. */
const CHUNK = 500;

export interface SweepOptions {
  /** Milliseconds since 1970. */
  now: number;
  /**
   * All submissions stored before this time are in the database, and the stream is old enough to have dropped some by
   * age: an execution of ours without a submission has lost it so, and its late or replayed facts must not bring it
   * back. Undefined when that cannot be said.
   */
  submissionsCompleteUntil?: number;
  signal: AbortSignal;
}

/** Deletes what is past its time, judged by stream times only, in small transactions. The number of executions that went. */
export async function sweep(db: Database, { now, submissionsCompleteUntil, signal }: SweepOptions): Promise<number> {
  const before = now - KEEP_EXECUTIONS;
  const expired = db
    .prepare<[number, number], string>(
      `SELECT exec_id FROM executions WHERE first_recorded <= ? AND (submitted_recorded IS NOT NULL OR last_recorded <= ?)`,
    )
    .pluck()
    .all(before, before);
  const orphaned =
    submissionsCompleteUntil === undefined
      ? []
      : db
          .prepare<[number], string>('SELECT exec_id FROM executions WHERE submitted_recorded IS NULL AND own = 1 AND last_recorded < ?')
          .pluck()
          .all(submissionsCompleteUntil);
  const gone = new Set([...expired, ...orphaned]);
  for (const execId of gone) await deleteExecution(db, execId, signal);
  await deleteInChunks(
    db,
    `DELETE FROM agent_events WHERE (recorded, seq) IN
    (SELECT recorded, seq FROM agent_events WHERE recorded <= ? LIMIT ${CHUNK})`,
    [now - STREAMS.EVENTS.maxAge * 1000],
    signal,
  );
  await deleteInChunks(
    db,
    `DELETE FROM audit WHERE (recorded, seq) IN
    (SELECT recorded, seq FROM audit WHERE recorded <= ? LIMIT ${CHUNK})`,
    [now - STREAMS.AUDIT.maxAge * 1000],
    signal,
  );
  for (const stream of WEIGHED) {
    await deleteInChunks(
      db,
      `DELETE FROM volumes WHERE (stream, pc_id, week) IN
      (SELECT stream, pc_id, week FROM volumes WHERE stream = ? AND week <= ? LIMIT ${CHUNK})`,
      [stream, Math.floor(now / WEEK) - weeksKept(stream)],
      signal,
    );
    await deleteInChunks(
      db,
      `DELETE FROM surplus WHERE (stream, pc_id, first_seq) IN
      (SELECT stream, pc_id, first_seq FROM surplus WHERE stream = ? AND recorded <= ? LIMIT ${CHUNK})`,
      [stream, now - STREAMS[stream].maxAge * 1000],
      signal,
    );
  }
  await sweepInventory(db, now - STREAMS.INVENTORY.maxAge * 1000, signal);
  for (const stream of PROJECTED) {
    const kept = keptFor(stream);
    if (kept === undefined) continue;
    await deleteInChunks(
      db,
      `DELETE FROM dead_letters WHERE id IN
      (SELECT id FROM dead_letters WHERE stream = ? AND recorded <= ? LIMIT ${CHUNK})`,
      [stream, now - kept],
      signal,
    );
  }
  return gone.size;
}

/** What hangs on a message that the stream has dropped by age; `until` is inclusive. */
async function sweepInventory(db: Database, until: number, signal: AbortSignal): Promise<void> {
  const sql = prepareInventory(db);
  const old = db.prepare<[number], SectionRow>(`SELECT * FROM inventory_sections WHERE ${OLDEST} <= ? LIMIT 1`);
  const forget = db.transaction((row: SectionRow) => {
    const left = withoutData(sql, row);
    if (row.recorded <= until) sql.dropSection.run(row.pc_id, row.section);
    else sql.putSection.run(left);
  });
  for (let row = old.get(until); row !== undefined; row = old.get(until)) {
    signal.throwIfAborted();
    forget.immediate(row);
    await yieldToOthers();
  }
  await deleteInChunks(
    db,
    `DELETE FROM inventory_versions WHERE (pc_id, section, rank) IN
    (SELECT pc_id, section, rank FROM inventory_versions WHERE base_recorded <= ? LIMIT ${CHUNK})`,
    [until],
    signal,
  );
  await deleteInChunks(
    db,
    `DELETE FROM inventory_messages WHERE (pc_id, section, seq) IN
    (SELECT pc_id, section, seq FROM inventory_messages WHERE recorded <= ? LIMIT ${CHUNK})`,
    [until],
    signal,
  );
}

/** Its own row goes last, so that a sweep that was cut short is finished by the next one. */
async function deleteExecution(db: Database, execId: string, signal: AbortSignal): Promise<void> {
  await deleteInChunks(
    db,
    `DELETE FROM results WHERE rowid IN (SELECT rowid FROM results WHERE exec_id = ? LIMIT ${CHUNK})`,
    [execId],
    signal,
  );
  await deleteInChunks(
    db,
    `DELETE FROM targets WHERE (exec_id, pc_id) IN
    (SELECT exec_id, pc_id FROM targets WHERE exec_id = ? LIMIT ${CHUNK})`,
    [execId],
    signal,
  );
  await deleteInChunks(
    db,
    `DELETE FROM early_facts WHERE (exec_id, stream, seq, recorded) IN
    (SELECT exec_id, stream, seq, recorded FROM early_facts WHERE exec_id = ? LIMIT ${CHUNK})`,
    [execId],
    signal,
  );
  db.transaction(() => {
    db.prepare('DELETE FROM exec_counts WHERE exec_id = ?').run(execId);
    db.prepare('DELETE FROM executions WHERE exec_id = ?').run(execId);
  }).immediate();
}

async function deleteInChunks(db: Database, sql: string, parameters: (string | number)[], signal: AbortSignal): Promise<void> {
  const statement = db.prepare(sql);
  for (;;) {
    signal.throwIfAborted();
    if (statement.run(...parameters).changes < CHUNK) return;
    await yieldToOthers();
  }
}
