import type { KanadeError } from '#core/contract/errors.ts';
import { SEAL_HEADERS } from '#core/contract/seal.ts';
import type { Nats } from '#core/nats/connection.ts';
import { faultOf } from '#core/nats/direct-get.ts';
import { sleepOrWake } from '#core/nats/retry.ts';
import type { SealedMessage } from '#core/nats/seal.ts';

/** Milliseconds in which we hear of the key of another backend that has just made it. */
const HEARD_WITHIN = 5000;
/** Keys that were waited for in vain: once each, or whoever invents keys would hold everything up. */
const inVain = new Set<string>();
const IN_VAIN_MAX = 20;

/** Why a message on EXECUTIONS is not to be believed; undefined when it is. A key that is not known may be so in a moment. */
export async function faultSoon(nats: Nats, message: SealedMessage, signal: AbortSignal): Promise<KanadeError | undefined> {
  const until = performance.now() + HEARD_WITHIN;
  for (;;) {
    const fault = faultOf(nats, message, 'execution');
    const key = message.header(SEAL_HEADERS.key) ?? '';
    if (fault?.code !== 'unknown_key' || inVain.has(key) || inVain.size >= IN_VAIN_MAX || nats.seal === undefined) return fault;
    const left = until - performance.now();
    if (left <= 0) {
      inVain.add(key);
      return fault;
    }
    await sleepOrWake(left, nats.seal.changed, signal);
  }
}
