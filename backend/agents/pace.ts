/**
 * Says yes so many times, and then no until `every` milliseconds after the first: for each key by itself. Of more than `most` keys in
 * that time it knows nothing, and says no.
 */
export class Pace {
  readonly #every: number;
  readonly #times: number;
  readonly #most: number;
  readonly #clock: () => number;
  /** In the order of their beginning, so that what is over lies in front. */
  readonly #windows = new Map<string, { since: number; n: number }>();

  constructor(every: number, clock: () => number, { times = 1, most = Number.POSITIVE_INFINITY } = {}) {
    this.#every = every;
    this.#clock = clock;
    this.#times = times;
    this.#most = most;
  }

  may(key: string): boolean {
    const now = this.#clock();
    for (const [old, { since }] of this.#windows) {
      // A clock that was set back ends them as well.
      if (Math.abs(now - since) < this.#every) break;
      this.#windows.delete(old);
    }
    const window = this.#windows.get(key);
    if (window === undefined) {
      if (this.#windows.size >= this.#most) return false;
      this.#windows.set(key, { since: now, n: 1 });
    } else if (window.n >= this.#times) return false;
    else window.n++;
    return true;
  }
}
