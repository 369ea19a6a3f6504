/** Seed 002: 1 s doubling to 300 s. Milliseconds. */
export const FIRST_BACKOFF = 1000;
export const MAX_BACKOFF = 300_000;
/** A short fixed pause before something that ended is opened again, so that a flapping broker spins nothing. */
export const REOPEN_PAUSE = 1000;
/** How long a probe waits for a connection before it is tried anyway. */
export const CONNECTION_GATE = 5000;

export function nextBackoff(current: number): number {
  return Math.min(current * 2, MAX_BACKOFF);
}

/** `ms` +-25 %, so that PCs that lost the broker together do not come back together. `random` gives [0, 1). */
export function withJitter(ms: number, random: () => number): number {
  return ms * (0.75 + random() * 0.5);
}

/**
 * Sleeps `ms`, or less when `wake` fires. Rejects only when `signal` aborts. By a plain timer and the wake's own list:
 * an AbortController for each sleep made a seventh of all that an agent does during a run.
 */
export function sleepOrWake(ms: number, wake: Wake, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const end = () => {
      clearTimeout(timer);
      leave();
      signal.removeEventListener('abort', end);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const timer = setTimeout(end, ms);
    const leave = wake.join(end);
    signal.addEventListener('abort', end, { once: true });
  });
}

/** Something that wakes everyone who waits for it: the connection that came back, a sync. */
export class Wake {
  #waiting = new Set<() => void>();

  fire(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  /** Calls `woken` at the next fire, once; the function given back leaves the line. */
  join(woken: () => void): () => void {
    this.#waiting.add(woken);
    return () => void this.#waiting.delete(woken);
  }

  /** Resolves at the next fire; when `signal` aborts it resolves as well, and whoever waits looks at the signal. */
  next(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener('abort', done);
        leave();
        resolve();
      };
      const leave = this.join(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}

export interface RetryOptions {
  wake: Wake;
  connected: () => boolean;
  random: () => number;
  signal: AbortSignal;
  /** Told of each failed try and how long it now waits, milliseconds. */
  onFailure?: (error: unknown, wait: number) => void;
}

/** Tries `probe` until it gives something else than undefined and does not throw (seed 002: "returns when it is available"). */
export async function waitFor<T>(probe: () => Promise<T | undefined>, options: RetryOptions): Promise<T> {
  const { wake, connected, random, signal, onFailure } = options;
  let backoff = FIRST_BACKOFF;
  for (;;) {
    signal.throwIfAborted();
    if (!connected()) await sleepOrWake(CONNECTION_GATE, wake, signal);
    let failure: unknown;
    try {
      const found = await probe();
      if (found !== undefined) return found;
    } catch (error) {
      signal.throwIfAborted();
      failure = error;
    }
    const wait = withJitter(backoff, random);
    onFailure?.(failure, wait);
    await sleepOrWake(wait, wake, signal);
    backoff = nextBackoff(backoff);
  }
}
