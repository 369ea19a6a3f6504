import { Wake } from '#core/nats/retry.ts';

/** Milliseconds that what could start waits for the queue to be drained, from when the connection came up. */
export const DRAIN_AWAITED = 60_000;

/**
 * Whether this PC has taken in what the broker holds for it. Behind from its start, from each connection and from each
 * sync on; done once a whole drain that began after that has ended. A fire of a schedule starts only when it is done,
 * for the fire that supersedes it may be the next message of the same drain. A drain that does not come about is
 * awaited 60 s, one that is under way for as long as it takes.
 */
export class CatchUp {
  /** Fires whenever a drain has ended. */
  readonly ended = new Wake();
  readonly #mono: () => number;
  #behindSince: number | undefined = Number.POSITIVE_INFINITY;
  #draining = false;

  /** `mono`: milliseconds, monotonic. */
  constructor(mono: () => number) {
    this.#mono = mono;
  }

  get done(): boolean {
    if (this.#draining) return false;
    return this.#behindSince === undefined || this.#mono() - this.#behindSince >= DRAIN_AWAITED;
  }

  /** The broker may hold more than we know of. */
  behind(): void {
    this.#behindSince = this.#mono();
  }

  /** Rejects as `drain` does. */
  async by(drain: () => Promise<void>): Promise<void> {
    const since = this.#behindSince;
    this.#draining = true;
    // What is said from here on is not answered by this drain.
    this.#behindSince = undefined;
    try {
      await drain();
    } catch (error) {
      this.#behindSince ??= since ?? this.#mono();
      throw error;
    } finally {
      this.#draining = false;
      this.ended.fire();
    }
  }
}
