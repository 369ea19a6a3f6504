import type { Success } from './decide-fire.ts';
import type { Occurrences } from './occurrences.ts';
import type { SchedulePlan } from './plan.ts';

/** One PC the schedule means. */
export interface PcFacts {
  pc: string;
  /** Its own IANA zone; undefined when it never said. */
  zone: string | undefined;
  alive: boolean;
  /** When it was enrolled: no command is for it that was due before. */
  since: number;
}

/** What has become of the runs of a schedule on a PC since its last success, of this version and this wording. */
export interface Tries {
  n: number;
  /** When the last of them ended, milliseconds since 1970. */
  lastAt: number;
}

/** Of a PC on which nothing has come to nothing. */
export const NO_TRIES: Tries = { n: 0, lastAt: 0 };

/** A PC whose last run for a nominal time has failed. */
export interface FailedRun {
  pc: string;
  attempt: number;
  endedAt: number;
}

/** What there is to know when a schedule is looked at. Times in milliseconds since 1970. */
export interface World {
  now: number;
  /** Nothing may be fired: the fleet is frozen, or a rollout of this schedule is not over. */
  held: boolean;
  version: string;
  /** How many PCs the target means. */
  members: number;
  /** All of them, or those that are known to have it still to do; by name. */
  pcs: readonly PcFacts[];
  success: (pc: string) => Success | undefined;
  /** Has a row of this schedule that is queued or running. */
  open: (pc: string) => boolean;
  /** How many do, of those that are there: what waits for a PC that is off takes nobody's turn. */
  openCount: () => number;
  tries: (pc: string) => Tries;
  /** Of the fire of that nominal time. */
  failed: (nominal: number) => readonly FailedRun[];
}

/** What is on record of one zone. */
export interface ZoneState {
  decided: number;
  parts: number;
  waiting: readonly string[];
}

/** What to submit: one execution. */
export interface Fire {
  zone: string;
  nominal: number;
  attempt: number;
  /** Counts the submissions of a nominal time. */
  part: number;
  pcs: readonly string[];
  /** Everybody the schedule means: only then a rollout applies. */
  whole: boolean;
  /** When it is not started any more. */
  expiresAt: number;
}

export interface Verdict {
  fires: Fire[];
  /** The zones whose record changes. */
  zones: Map<string, ZoneState>;
  /** Everybody has succeeded for good. */
  done: boolean;
}

export interface Looking {
  plan: SchedulePlan;
  world: World;
  /** The records, and since when the schedule says what it says: nothing before that is fired. */
  zones: ReadonlyMap<string, ZoneState>;
  changedAt: number;
  /** Ticks that were looked at already and found nothing to fire, by zone. */
  seen: Map<string, number>;
  occurrences: (zone: string) => Occurrences;
}

export const NOTHING: ZoneState = { decided: 0, parts: 0, waiting: [] };
