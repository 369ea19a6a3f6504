import type { KillReason } from './script.ts';

/** What ends the waits of a command before it has started: a cancellation, or the agent's stop. */
export class Stopped extends Error {
  readonly why: KillReason;
  constructor(why: KillReason) {
    super(why);
    this.why = why;
  }
}

/** What a stopped wait rejects with is why it was stopped, not that it was. */
export async function orStopped<T>(wait: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await wait;
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error;
  }
}
