import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { FIRST_BACKOFF, nextBackoff, sleepOrWake, Wake, withJitter } from '#core/nats/retry.ts';

export interface RenewalsOptions {
  /** Once. */
  renew(ledgerId: string, signal: AbortSignal): Promise<void>;
  /** Milliseconds until the next one is due. */
  due: () => number;
  /** Told why it was refused. True when there is nothing to be renewed any more. */
  refused(code: ErrorCode): Promise<boolean>;
  mono: () => number;
  random: () => number;
  log: Log;
}

/** Milliseconds between two early renewals, whoever asks for them. */
const EARLY_EVERY = 60_000;
/** And this much more: what makes one PC ask makes all of them ask. */
const EARLY_SPREAD = 2000;

/** When a PC renews its credential: when it is due, early when somebody asks for that, and ever more slowly while it cannot. */
export class Renewals {
  readonly #o: RenewalsOptions;
  readonly #early = new Wake();
  #earlyWanted = false;
  #earlyAt = Number.NEGATIVE_INFINITY;
  #trouble: KanadeError | undefined;
  #renewing: Promise<void> | undefined;

  constructor(options: RenewalsOptions) {
    this.#o = options;
  }

  /** Why it could not be renewed the last time. */
  get trouble(): KanadeError | undefined {
    return this.#trouble;
  }

  /** Soon rather than when it is due. At most once a minute. */
  early(): void {
    if (this.#earlyWanted) return;
    this.#earlyWanted = true;
    this.#early.fire();
  }

  /** Now. One at a time, for as many as ask meanwhile. */
  renew(ledgerId: string, signal: AbortSignal): Promise<void> {
    this.#renewing ??= this.#renewOnce(ledgerId, signal).finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** Until `signal` aborts, or nothing is to be renewed any more. */
  async run(ledgerId: string, signal: AbortSignal): Promise<void> {
    const { due, refused, log, mono, random } = this.#o;
    let backoff = FIRST_BACKOFF;
    let wait = due();
    while (!signal.aborted) {
      // Whoever cannot renew tries on at its own pace, however often it is asked to.
      if (this.#trouble !== undefined || !this.#earlyWanted)
        await sleepOrWake(wait, this.#trouble === undefined ? this.#early : new Wake(), signal).catch(() => {});
      if (this.#trouble === undefined && this.#earlyWanted) await sleep(this.#untilEarly(), undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      if (this.#earlyWanted) this.#earlyAt = mono();
      this.#earlyWanted = false;
      try {
        await this.renew(ledgerId, signal);
        backoff = FIRST_BACKOFF;
        wait = due();
      } catch {
        if (signal.aborted) return;
        wait = withJitter(backoff, random);
        backoff = nextBackoff(backoff);
        const { code, message } = this.#trouble!;
        log.error(
          { code, error: message, next_try_secs: Math.round(wait / 1000) },
          'the identity of this PC could not be renewed: trying on',
        );
        if (await refused(code)) return;
      }
    }
  }

  async #renewOnce(ledgerId: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#o.renew(ledgerId, signal);
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = error instanceof KanadeError ? error : new KanadeError('internal', messageOf(error));
      throw this.#trouble;
    }
  }

  #untilEarly(): number {
    const { mono, random } = this.#o;
    return Math.max(0, this.#earlyAt + EARLY_EVERY - mono()) + random() * EARLY_SPREAD;
  }
}
