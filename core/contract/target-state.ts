import { SUPERSEDED } from './control.ts';
import type { Outcome } from './result.ts';

/**
 * The state of one PC in one execution, as a pure function of what was said about it: by the agent (started, result)
 * and by the backend (cancelled, lost). Facts arrive from three streams in any order, so nothing here depends on the
 * order of arrival; where time matters it is the broker's time of storing (`recorded`), the same on every backend.
 */
export const TARGET_STATES = [
  'queued',
  'running',
  'succeeded',
  'failed',
  'timed_out',
  'killed',
  'unknown',
  'skipped',
  'expired',
  'cancelled',
  'lost',
] as const;
export type TargetState = (typeof TARGET_STATES)[number];

/** Times are milliseconds since 1970, as the broker stored the messages. */
export interface TargetFacts {
  startedRecorded?: number | null;
  outcome?: Outcome | null;
  reason?: string | null;
  cancelledRecorded?: number | null;
  cancelReason?: string | null;
  lostRecorded?: number | null;
}

export function targetState(facts: TargetFacts): TargetState {
  if (facts.outcome) return stateOfOutcome(facts.outcome, facts.reason ?? undefined, facts.startedRecorded != null);
  const started = facts.startedRecorded ?? undefined;
  const lost = facts.lostRecorded ?? undefined;
  // A start that was stored after we gave the row up is news of the agent, and that replaces what we inferred.
  if (lost !== undefined && (started === undefined || started <= lost)) return 'lost';
  if (started !== undefined) return 'running';
  if (facts.cancelledRecorded != null) return facts.cancelReason === SUPERSEDED ? 'skipped' : 'cancelled';
  return 'queued';
}

function stateOfOutcome(outcome: Outcome, reason: string | undefined, started: boolean): TargetState {
  if (outcome !== 'skipped') return outcome;
  if (reason === 'expired') return 'expired';
  if (reason === 'cancelled') return 'cancelled';
  // The PC lost its ledger between starting the script and reporting it: what became of it cannot be known.
  if (reason === 'issued_before_enrolment' && started) return 'unknown';
  return 'skipped';
}

/** A row still `queued` past its expiry has expired: computed at read, so that no clock has to tick for it. */
export function stateAtRead(state: TargetState, expiresAt: number, now: number): TargetState {
  return state === 'queued' && now >= expiresAt ? 'expired' : state;
}

const OPEN: readonly TargetState[] = ['queued', 'running'];
export function isFinal(state: TargetState): boolean {
  return !OPEN.includes(state);
}
