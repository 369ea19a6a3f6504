import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Challenge } from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { instant } from '#core/contract/time.ts';

/** Milliseconds a nonce is good for: one round trip, on a bad line. */
const GOOD_FOR = 120_000;
const RANDOM_BYTES = 16;
const TIME_BYTES = 8;
const MAC_BYTES = 32;

/**
 * Nonces that nobody has to remember: each carries when it ends and our MAC over that. The key lives as long as this process, so
 * a nonce is for the backend that gave it out.
 */
export class Nonces {
  readonly #key = randomBytes(32);
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  make(): Challenge {
    const ends = this.#clock() + GOOD_FOR;
    const body = Buffer.concat([randomBytes(RANDOM_BYTES), Buffer.alloc(TIME_BYTES)]);
    body.writeBigUInt64BE(BigInt(Math.round(ends)), RANDOM_BYTES);
    return { nonce: Buffer.concat([body, this.#mac(body)]).toString('base64url'), expires_at: instant(ends) };
  }

  /** Throws `enrolment_proof_invalid` unless it is one of ours and not over. */
  check(nonce: string): void {
    const bytes = Buffer.from(nonce, 'base64url');
    const body = bytes.subarray(0, RANDOM_BYTES + TIME_BYTES);
    const mac = bytes.subarray(RANDOM_BYTES + TIME_BYTES);
    if (mac.length !== MAC_BYTES || !timingSafeEqual(mac, this.#mac(body)))
      throw new KanadeError('enrolment_proof_invalid', 'the nonce is not one of this server');
    if (Number(body.readBigUInt64BE(RANDOM_BYTES)) < this.#clock())
      throw new KanadeError('enrolment_proof_invalid', 'the nonce is too old');
  }

  #mac(body: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(body).digest();
  }
}
