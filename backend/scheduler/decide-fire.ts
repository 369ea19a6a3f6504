import type { Mode } from '#core/contract/schedule.ts';
import type { Again } from './plan.ts';

/** A PC's last success: when the broker stored it, milliseconds since 1970, and the version of the job that ran. */
export interface Success {
  at: number;
  version: string;
}

export interface FireInput {
  mode: Mode;
  again: Again;
  /** Whom the schedule means now. A success of anybody else counts for nothing. */
  expected: readonly string[];
  success: (pc: string) => Success | undefined;
  /** Milliseconds since 1970. */
  now: number;
  /** Of the job as it is now. */
  version: string;
}

export type FireAction = { kind: 'skip' } | { kind: 'whole' } | { kind: 'pcs'; pcs: readonly string[] };

/** Seed 004's policy: what a tick fires at, judged by who has succeeded and when. Pure. */
export function decideFire(input: FireInput): FireAction {
  const { mode, expected } = input;
  if (mode === 'every_tick') return { kind: 'whole' };
  if (mode === 'once_per_target') {
    const satisfied = expected.length === 0 || expected.some((pc) => isSatisfied(input, input.success(pc)));
    return satisfied ? { kind: 'skip' } : { kind: 'whole' };
  }
  const pcs = expected.filter((pc) => !isSatisfied(input, input.success(pc)));
  return pcs.length === 0 ? { kind: 'skip' } : { kind: 'pcs', pcs };
}

/** Whether that success still counts: for good, for its version, or until as much time has passed. */
export function isSatisfied({ again, now, version }: Pick<FireInput, 'again' | 'now' | 'version'>, success: Success | undefined): boolean {
  if (success === undefined) return false;
  if (again.kind === 'version') return success.version === version;
  return again.kind === 'never' || now - success.at < again.ms;
}

/** Whether nothing is left to do for good: nobody of these is without a success, and a success counts for good. */
export function isDone(input: FireInput): boolean {
  return input.mode !== 'every_tick' && input.again.kind === 'never' && decideFire(input).kind === 'skip';
}
