export type Release = () => void;

/**
 * Turns to run a script: at most `limit` at once, in the order in which they were asked for. A turn that is given back
 * goes straight to the one who waits longest, so a newcomer finds it free only when nobody waits.
 */
export class Turns {
  readonly #limit: () => number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  /** Asked at each turn. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves when it is our turn, to the function that gives it back; rejects with the signal's reason when aborted. */
  async acquire(signal?: AbortSignal): Promise<Release> {
    signal?.throwIfAborted();
    if (this.#taken < this.#limit()) this.#taken++;
    else await this.#queue(signal);
    let held = true;
    return () => {
      if (held) this.#pass();
      held = false;
    };
  }

  /** There may be more turns than before. */
  reconsider(): void {
    for (const next of [...this.#waiting].slice(0, Math.max(0, this.#limit() - this.#taken))) {
      this.#taken++;
      this.#waiting.delete(next);
      next();
    }
  }

  /**
   * All of them, once those who asked before have had theirs and given it back; nobody who asks later gets one before. Rejects with
   * the signal's reason when aborted.
   */
  async acquireAll(signal: AbortSignal): Promise<Release> {
    const releases: Release[] = [];
    const release = () => {
      for (const each of releases) each();
    };
    // Again when there have become more of them.
    while (releases.length < this.#limit()) {
      const asked = Array.from({ length: this.#limit() - releases.length }, () => this.acquire(signal));
      for (const turn of await Promise.allSettled(asked)) if (turn.status === 'fulfilled') releases.push(turn.value);
      if (signal.aborted) {
        release();
        throw signal.reason;
      }
    }
    return release;
  }

  #queue(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const take = (): void => {
      signal?.removeEventListener('abort', leave);
      resolve();
    };
    const leave = (): void => {
      this.#waiting.delete(take);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', leave, { once: true });
    this.#waiting.add(take);
    return promise;
  }

  #pass(): void {
    const [next] = this.#waiting;
    // There may be fewer turns than were given out.
    if (next === undefined || this.#taken > this.#limit()) {
      this.#taken--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
