import type { Database } from 'better-sqlite3';
import type { TargetWriter } from './apply-target.ts';
import type { ExecRow } from './executions-table.ts';
import type { Dead, Place } from './fact.ts';
import { applyDead, type Letter, previewOf } from './said.ts';

/**
 * A PC that speaks of an execution whose submission does not list it. The broker lets every PC speak of any execution
 * under its own name, so it is no target for that: it gets no row, and what it says is a dead letter. Of a broadcast no
 * PC is a stranger, for one that was enrolled after the list was made has heard it too.
 *
 * As long as the submission is not known nobody can tell. What is said then is believed, and kept beside the rows until the
 * submission comes, so that it becomes the same dead letters whatever was read first.
 */
export function prepareStrangers(db: Database) {
  return {
    keep: db.prepare(
      `INSERT INTO early_facts (exec_id, pc_id, stream, seq, recorded, subject, size, preview)
       VALUES (@exec_id, @pc_id, @stream, @seq, @recorded, @subject, @size, @preview) ON CONFLICT DO NOTHING`,
    ),
    kept: db.prepare<[string], Letter & { pc_id: string }>(
      'SELECT pc_id, stream, seq, recorded, subject, size, preview FROM early_facts WHERE exec_id = ?',
    ),
    forget: db.prepare<[string]>('DELETE FROM early_facts WHERE exec_id = ?'),
    dropRow: db.prepare<[string, string]>('DELETE FROM targets WHERE exec_id = ? AND pc_id = ?'),
    dropResults: db.prepare<[string, string]>('DELETE FROM results WHERE exec_id = ? AND pc_id = ?'),
  };
}

export type StrangerStatements = ReturnType<typeof prepareStrangers>;

/** True when the PC, which has no row, is not to have one. */
export function isStranger(execution: ExecRow): boolean {
  return execution.submitted_recorded !== null && execution.broadcast === 0;
}

/** What a stranger said, or what somebody said who may turn out to be one. */
export function noteSaid(w: TargetWriter, place: Place, execution: ExecRow, pc: string, bytes: Uint8Array, stranger: boolean): void {
  const exec_id = execution.exec_id;
  if (stranger) bury(w, { ...place, size: bytes.length, preview: previewOf(bytes) }, exec_id, pc);
  else if (execution.submitted_recorded === null) {
    w.strangers.keep.run({ exec_id, pc_id: pc, ...place, size: bytes.length, preview: previewOf(bytes) });
  }
}

/** The submission has come: what strangers had said by then is taken back. */
export function sendStrangersAway(w: TargetWriter, execution: ExecRow, pcs: readonly string[]): void {
  const { exec_id } = execution;
  if (isStranger(execution)) {
    const listed = new Set(pcs);
    for (const { pc_id, state } of w.targets.factsOfAll.all(exec_id)) {
      if (listed.has(pc_id)) continue;
      w.strangers.dropRow.run(exec_id, pc_id);
      w.strangers.dropResults.run(exec_id, pc_id);
      w.counts.moved(exec_id, state, undefined);
    }
    for (const { pc_id, ...letter } of w.strangers.kept.all(exec_id)) if (!listed.has(pc_id)) bury(w, letter, exec_id, pc_id);
  }
  w.strangers.forget.run(exec_id);
}

function bury(w: TargetWriter, letter: Letter, exec: string, pc: string): void {
  const dead: Dead = { kind: 'dead', code: 'misaddressed', detail: `${pc} is no target of execution ${exec}` };
  applyDead(w.said, letter, dead);
  w.deadLetters++;
}
