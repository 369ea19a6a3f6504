import { stateAtRead, TARGET_STATES, type TargetState } from '#core/contract/target-state.ts';

/** Milliseconds since 1970; an execution whose submission is not known never expires here: its PCs will say so. */
export function expiryOf(expiresAt: number | null): number {
  return expiresAt ?? Number.POSITIVE_INFINITY;
}

/** The states that rows are stored in, which read as one of `wanted` now. */
export function storedStates(wanted: readonly TargetState[], expiresAt: number | null, now: number): TargetState[] {
  return TARGET_STATES.filter((stored) => wanted.includes(stateAtRead(stored, expiryOf(expiresAt), now)));
}

/** Rows by state as they read now, each state named, also those that no row is in. */
export function countsAtRead(
  rows: readonly { state: TargetState; n: number }[],
  expiresAt: number | null,
  now: number,
): Record<TargetState, number> {
  const counts = Object.fromEntries(TARGET_STATES.map((state) => [state, 0])) as Record<TargetState, number>;
  for (const { state, n } of rows) counts[stateAtRead(state, expiryOf(expiresAt), now)] += n;
  return counts;
}
