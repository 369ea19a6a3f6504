/** How the outbox paces itself. Milliseconds unless said otherwise. */
export interface Pace {
  /** After the first failure of a message; doubles with each further one. */
  firstRetry: number;
  lastRetry: number;
  /** Failures after which a message is put aside as stuck. */
  giveUpAfter: number;
  /** Between two tries of a stuck message while nothing else says that it is worth one. */
  stuckRetry: number;
  /** Between two looks whether the broker, or the disk, is back, when nobody says so. */
  probe: number;
  ackTimeout: number;
  /** Messages on their way at once, and those of each kind that is bulk. */
  window: number;
  bulkWindow: number;
  /** Bytes on their way after which no further message is started: a slow line must carry them within `ackTimeout`. */
  windowBytes: number;
}

/** 1, 2, 4 ... 256 s: about 8.5 min of trying before a message is put aside. */
export const PACE: Pace = {
  firstRetry: 1000,
  lastRetry: 256_000,
  giveUpAfter: 10,
  stuckRetry: 3_600_000,
  probe: 30_000,
  ackTimeout: 30_000,
  window: 16,
  bulkWindow: 2,
  windowBytes: 1024 * 1024,
};

/** The log begins to warn here: late enough that a restart of the broker passes unseen. */
export const WARN_FROM = 5;

/** The wait after a message has failed `failures` times in a row. */
export function retryDelay(failures: number, pace: Pace): number {
  return Math.min(pace.firstRetry * 2 ** Math.min(failures - 1, 30), pace.lastRetry);
}
