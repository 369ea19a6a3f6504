import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { isDiskTrouble } from '#core/files/disk-error.ts';

/**
 * Knows whether the disk is in trouble, and when to look again: `untried`, then `fine` or `in trouble`; in trouble it is
 * `check`ed every `interval` milliseconds until that succeeds or any write does.
 */
export class DiskWatch {
  readonly #interval: number;
  readonly #check: () => Promise<void>;
  #trouble: KanadeError | undefined;
  #dueAt = 0;
  #tending = false;

  constructor(interval: number, check: () => Promise<void>) {
    this.#interval = interval;
    this.#check = check;
  }

  get trouble(): KanadeError | undefined {
    return this.#trouble;
  }

  isDue(now: number): boolean {
    return now >= this.nextDue();
  }

  /** Monotonic milliseconds; infinite while there is nothing to look at. */
  nextDue(): number {
    return this.#trouble && !this.#tending ? this.#dueAt : Number.POSITIVE_INFINITY;
  }

  /** A write failed. */
  failed(error: unknown, now: number): void {
    this.#trouble = isDiskTrouble(error) ? error : new KanadeError('folder_unwritable', messageOf(error), { cause: error });
    this.#dueAt = now + this.#interval;
  }

  /** A write succeeded. */
  worked(): void {
    this.#trouble = undefined;
  }

  /** Looks; never rejects. */
  async tend(now: number): Promise<void> {
    this.#tending = true;
    try {
      await this.#check();
      this.worked();
    } catch (error) {
      this.failed(error, now);
    } finally {
      this.#tending = false;
    }
  }
}
