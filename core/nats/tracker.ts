import { Wake } from './retry.ts';

/**
 * How long the broker has been out of sight. Connected means age 0; never connected means infinitely old.
 * `mono` is a monotonic clock in milliseconds.
 */
export class Tracker {
  readonly connectedAgain = new Wake();
  #connected = false;
  #lostAt: number | undefined;
  #disconnections = 0;
  readonly #mono: () => number;

  constructor(mono: () => number) {
    this.#mono = mono;
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** Counts the times the connection was lost: whoever read something before can tell whether it is still fresh. */
  get disconnections(): number {
    return this.#disconnections;
  }

  up(): void {
    this.#connected = true;
    this.connectedAgain.fire();
  }

  down(): void {
    if (!this.#connected) return;
    this.#connected = false;
    this.#lostAt = this.#mono();
    this.#disconnections++;
  }

  /** Milliseconds since the broker was last in sight. */
  age(): number {
    if (this.#connected) return 0;
    return this.#lostAt === undefined ? Number.POSITIVE_INFINITY : this.#mono() - this.#lostAt;
  }
}
