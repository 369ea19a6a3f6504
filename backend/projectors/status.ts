/** What one projector says of itself. */
export interface StreamStatus {
  /** The last sequence in the database. */
  seq: number;
  /** Messages of the stream that are not in the database yet, as far as the broker has told. */
  lag: number;
  /** The end of the stream was reached once. */
  caughtUp: boolean;
  /** Why it does not get on. */
  error?: string;
  /** When the stream was made; empty until it is known. */
  epoch: string;
  /** When the stream before this one was made: this one took its place. */
  replaced?: string;
  /** Messages projected and dead letters among them, since this process began. */
  rows: number;
  deadLetters: number;
}

export const UNKNOWN: StreamStatus = { seq: 0, lag: 0, caughtUp: false, epoch: '', rows: 0, deadLetters: 0 };
