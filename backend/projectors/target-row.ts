import type { Outcome } from '#core/contract/result.ts';
import { type TargetState, targetState } from '#core/contract/target-state.ts';

/** What of a stored row decides its state and which fact was first. Names are the columns'. */
export interface TargetFactsRow {
  state: TargetState;
  started_recorded: number | null;
  result_recorded: number | null;
  outcome: Outcome | null;
  reason: string | null;
  cancelled_recorded: number | null;
  cancel_reason: string | null;
  lost_recorded: number | null;
}

export const NO_FACTS: TargetFactsRow = {
  state: 'queued',
  started_recorded: null,
  result_recorded: null,
  outcome: null,
  reason: null,
  cancelled_recorded: null,
  cancel_reason: null,
  lost_recorded: null,
};

export function stateOf(row: TargetFactsRow): TargetState {
  return targetState({
    startedRecorded: row.started_recorded,
    outcome: row.outcome,
    reason: row.reason,
    cancelledRecorded: row.cancelled_recorded,
    cancelReason: row.cancel_reason,
    lostRecorded: row.lost_recorded,
  });
}

/** Of what is said once (started, result, cancelled) the first to be stored counts, whatever order it is read in. */
export function isFirst(recorded: number, known: number | null): boolean {
  return known === null || recorded < known;
}

/** A row is given up anew after each sign of life, so of these the last one counts. */
export function isLast(recorded: number, known: number | null): boolean {
  return known === null || recorded > known;
}

const MINUTE = 60_000;
const YEAR = 365 * 24 * 60 * MINUTE;
/** For executions whose submission is not known (seeds'): nobody told us their time-out. */
const UNKNOWN_TIMEOUT = 24 * 60 * MINUTE;

/** How long after its start a row is asked after, milliseconds (reference system 4.4): never a date no clock can hold. */
export function graceAfterStart(timeoutMs: number | null): number {
  if (timeoutMs === null) return UNKNOWN_TIMEOUT;
  return Math.min(Math.round(timeoutMs + Math.max(2 * MINUTE, timeoutMs / 2)), YEAR);
}
