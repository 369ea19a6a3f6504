import { type CompletionStatements, noteCompletion } from './completions-table.ts';
import type { Counts } from './counts.ts';
import type { ExecRow, ExecutionsTable } from './executions-table.ts';
import type { Fact, Place } from './fact.ts';
import type { SaidStatements } from './said.ts';
import { isStranger, noteSaid, type StrangerStatements } from './strangers.ts';
import { graceAfterStart, isFirst, isLast, NO_FACTS, stateOf, type TargetFactsRow } from './target-row.ts';
import type { TargetStatements } from './targets-table.ts';

/** What the facts about executions and their rows write with, for the length of one transaction. */
export interface TargetWriter {
  executions: ExecutionsTable;
  targets: TargetStatements;
  counts: Counts;
  said: SaidStatements;
  strangers: StrangerStatements;
  completions: CompletionStatements;
  /** How many were written. */
  deadLetters: number;
}

export function applyStarted(
  w: TargetWriter,
  place: Place,
  { exec, pc, body }: Extract<Fact, { kind: 'started' }>,
  bytes: Uint8Array,
): void {
  const execution = w.executions.meet(exec, place.recorded, body.request_id === exec);
  const row = factsOf(w, execution, pc);
  noteSaid(w, place, execution, pc, bytes, row === undefined);
  if (row === undefined) return;
  if (!isFirst(place.recorded, row.started_recorded)) {
    w.targets.sawEvent.run(place.seq, exec, pc);
    return;
  }
  const state = stateOf({ ...row, started_recorded: place.recorded });
  const deadline = place.recorded + graceAfterStart(execution.timeout_ms);
  w.targets.started.run(state, place.recorded, body.started_at, body.result_id, deadline, place.seq, exec, pc);
  w.counts.moved(exec, row.state, state);
}

type ResultFact = Extract<Fact, { kind: 'result' }>;

export function applyResult(w: TargetWriter, place: Place, { exec, pc, body }: ResultFact, bytes: Uint8Array): void {
  const execution = w.executions.meet(exec, place.recorded, body.request_id === exec);
  const row = factsOf(w, execution, pc);
  noteSaid(w, place, execution, pc, bytes, row === undefined);
  if (row === undefined) return;
  w.targets.keepResult.run(body.result_id, pc, exec, place.recorded, bytes);
  if (!isFirst(place.recorded, row.result_recorded)) {
    w.targets.sawResult.run(place.seq, exec, pc);
    return;
  }
  const reason = body.reason ?? null;
  const state = stateOf({ ...row, outcome: body.outcome, reason });
  w.targets.result.run(
    state,
    place.recorded,
    body.outcome,
    reason,
    body.exit_code,
    body.reboot_required ? 1 : 0,
    body.started_at,
    body.finished_at,
    body.result_id,
    place.seq,
    exec,
    pc,
  );
  w.counts.moved(exec, row.state, state);
  if (body.outcome === 'succeeded') noteCompletion(w, execution, pc, place.recorded);
}

/** One row of what a cancellation names. */
export function cancelRow(w: TargetWriter, place: Place, execution: ExecRow, pc: string, row: TargetFactsRow, reason: string | null): void {
  const exec = execution.exec_id;
  if (!isFirst(place.recorded, row.cancelled_recorded)) {
    w.targets.sawExec.run(place.seq, exec, pc);
    return;
  }
  const state = stateOf({ ...row, cancelled_recorded: place.recorded, cancel_reason: reason });
  w.targets.cancelled.run(state, place.recorded, reason, place.seq, exec, pc);
  w.counts.moved(exec, row.state, state);
}

export function loseRow(w: TargetWriter, place: Place, execution: ExecRow, pc: string, reason: string): void {
  const exec = execution.exec_id;
  const row = factsOf(w, execution, pc);
  if (row === undefined) return;
  if (!isLast(place.recorded, row.lost_recorded)) {
    w.targets.sawExec.run(place.seq, exec, pc);
    return;
  }
  const state = stateOf({ ...row, lost_recorded: place.recorded });
  w.targets.lost.run(state, place.recorded, reason, place.seq, exec, pc);
  w.counts.moved(exec, row.state, state);
}

/** The row as it is, made when it is not there: cancelled or superseded already when its whole execution is. Undefined for a stranger, who gets none. */
export function factsOf(w: TargetWriter, execution: ExecRow, pc: string): TargetFactsRow | undefined {
  const row = w.targets.facts.get(execution.exec_id, pc);
  if (row !== undefined) return row;
  if (isStranger(execution)) return undefined;
  const fresh = freshRow(execution);
  w.targets.make.run(
    execution.exec_id,
    pc,
    fresh.state,
    execution.cancelled_recorded,
    execution.cancel_reason,
    execution.cancelled_seq,
    execution.schedule_id,
  );
  w.counts.moved(execution.exec_id, undefined, fresh.state);
  return fresh;
}

export function freshRow(execution: ExecRow): TargetFactsRow {
  const row = { ...NO_FACTS, cancelled_recorded: execution.cancelled_recorded, cancel_reason: execution.cancel_reason };
  return { ...row, state: stateOf(row) };
}
