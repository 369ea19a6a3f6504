/** Milliseconds. Tests shorten them. */
export interface RunTimings {
  /** How often a time-out is looked at, and how much of that counts at most: the rest was spent asleep. */
  tickMs: number;
  tickCapMs: number;
  /** From asking a script to end until it is ended. */
  graceMs: number;
  /** Between two looks at what is left of it. */
  pollMs: number;
  /** From asking until it is given up. */
  abandonMs: number;
  /** How long its pipes are read after its end: until they are silent for `quietMs`, at most `drainMs`. */
  quietMs: number;
  drainMs: number;
}

export const RUN_TIMINGS: RunTimings = {
  tickMs: 1000,
  tickCapMs: 2000,
  graceMs: 800,
  pollMs: 50,
  abandonMs: 120_000,
  quietMs: 1000,
  drainMs: 5000,
};
