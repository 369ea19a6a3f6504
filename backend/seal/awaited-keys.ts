import type { KanadeError } from '#core/contract/errors.ts';
import { SEAL_HEADERS } from '#core/contract/seal.ts';
import type { Nats } from '#core/nats/connection.ts';
import { faultOf } from '#core/nats/direct-get.ts';
import { sleepOrWake } from '#core/nats/retry.ts';
import type { SealedMessage } from '#core/nats/seal.ts';

/** Milliseconds in which we hear of the key of another backend that has just made it. */
const HEARD_WITHIN = 5000;
/** Milliseconds for which a key that was waited for in vain is nobody's. */
const IN_VAIN_FOR = 600_000;
/** So many are waited for in that time: whoever invents keys holds everything up for so long and no longer. */
const IN_VAIN_MAX = 20;

/** The keys that somebody has sealed by and nobody here knows: each may be so new that we hear of it in a moment. */
export class AwaitedKeys {
  readonly #mono: () => number;
  /** When it was waited for in vain, the longest ago first. */
  readonly #inVain = new Map<string, number>();

  /** `mono`: milliseconds, monotonic. */
  constructor(mono: () => number) {
    this.#mono = mono;
  }

  /** Why a message on EXECUTIONS is not to be believed; undefined when it is. */
  async faultSoon(nats: Pick<Nats, 'seal'>, message: SealedMessage, signal: AbortSignal): Promise<KanadeError | undefined> {
    const until = this.#mono() + HEARD_WITHIN;
    for (;;) {
      const fault = faultOf(nats, message, 'execution');
      const key = message.header(SEAL_HEADERS.key) ?? '';
      if (fault?.code !== 'unknown_key' || nats.seal === undefined) return fault;
      const now = this.#mono();
      if (!this.#isAwaited(key, now)) return fault;
      if (now >= until) {
        this.#inVain.set(key, now);
        return fault;
      }
      await sleepOrWake(until - now, nats.seal.changed, signal);
    }
  }

  #isAwaited(key: string, now: number): boolean {
    for (const [old, at] of this.#inVain) {
      if (now - at < IN_VAIN_FOR) break;
      this.#inVain.delete(old);
    }
    return this.#inVain.size < IN_VAIN_MAX && !this.#inVain.has(key);
  }
}
