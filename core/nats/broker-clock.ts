/**
 * The time by the broker's clock, which all parts share: PCs' own clocks may be wrong by days. Anchored at what the
 * broker said last and carried on by the monotonic clock, so that somebody setting the wall clock moves nothing.
 */
export class BrokerClock {
  readonly #wall: () => number;
  readonly #mono: () => number;
  #anchor: { broker: number; mono: number } | undefined;
  #savedOffset: number;
  #notBefore = 0;

  /** `savedOffset`: broker minus wall clock, milliseconds, as it was when last known; counts until the broker speaks. */
  constructor(wall: () => number, mono: () => number, savedOffset = 0) {
    this.#wall = wall;
    this.#mono = mono;
    this.#savedOffset = savedOffset;
  }

  /** Milliseconds since 1970. */
  readonly now = (): number => {
    const guess = this.#anchor ? this.#anchor.broker + (this.#mono() - this.#anchor.mono) : this.#wall() + this.#savedOffset;
    return Math.max(guess, this.#notBefore);
  };

  /** Whether the broker has said the time since this process started. */
  get certain(): boolean {
    return this.#anchor !== undefined;
  }

  /** Broker time minus this machine's, milliseconds. */
  get offset(): number {
    return Math.round(this.now() - this.#wall());
  }

  /** The broker said it is `at` (milliseconds since 1970). */
  anchor(at: number): void {
    if (!Number.isFinite(at)) return;
    this.#anchor = { broker: at, mono: this.#mono() };
    this.#savedOffset = at - this.#wall();
  }

  /** It cannot be earlier than this: somebody we trust has written that time. Only while the broker has said nothing. */
  notBefore(at: number): void {
    if (!this.certain && at > this.#notBefore) this.#notBefore = at;
  }
}
