/** Says yes so many times, and then no until `every` milliseconds after the first: for each key by itself. */
export class Pace {
  readonly #every: number;
  readonly #times: number;
  readonly #clock: () => number;
  /** In the order of their beginning, so that what is over lies in front. */
  readonly #windows = new Map<string, { since: number; n: number }>();

  constructor(every: number, clock: () => number, times = 1) {
    this.#every = every;
    this.#clock = clock;
    this.#times = times;
  }

  may(key: string): boolean {
    const now = this.#clock();
    for (const [old, { since }] of this.#windows) {
      // A clock that was set back ends them as well.
      if (Math.abs(now - since) < this.#every) break;
      this.#windows.delete(old);
    }
    const window = this.#windows.get(key);
    if (window === undefined) this.#windows.set(key, { since: now, n: 1 });
    else if (window.n >= this.#times) return false;
    else window.n++;
    return true;
  }
}
