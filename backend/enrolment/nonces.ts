import { randomBytes } from 'node:crypto';
import type { Challenge } from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { SEAL_HEADERS } from '#core/contract/seal.ts';
import { isSealFault } from '#core/contract/sealed.ts';
import { instant } from '#core/contract/time.ts';
import type { CommandKeys } from '../seal/command-keys.ts';

/** Milliseconds a nonce is good for: one round trip, on a bad line. */
const GOOD_FOR = 120_000;
/** Milliseconds by which the clocks of two backends may differ. */
const CLOCKS_DIFFER = 60_000;
const RANDOM_BYTES = 16;
const FORM = /^([A-Za-z0-9_-]{22})\.([0-9a-f]{32})\.([0-9TZ:.-]{20,30})\.([A-Za-z0-9_-]{86})$/;
/** What is signed besides; no message is about it. */
const ABOUT = 'nonce';

/**
 * Nonces that nobody has to remember: each carries when it ends and the seal of the backend that gave it out, so that it is good at
 * every backend that believes that one, and nobody who reads what they share can make one.
 */
export class Nonces {
  readonly #keys: Pick<CommandKeys, 'signApart' | 'checkApart'>;
  readonly #clock: () => number;

  constructor(keys: Pick<CommandKeys, 'signApart' | 'checkApart'>, clock: () => number) {
    this.#keys = keys;
    this.#clock = clock;
  }

  make(): Challenge {
    const expires = instant(this.#clock() + GOOD_FOR);
    const random = randomBytes(RANDOM_BYTES);
    const seal = this.#keys.signApart(ABOUT, random, expires);
    const parts = [random.toString('base64url'), seal[SEAL_HEADERS.key], expires, seal[SEAL_HEADERS.signature]];
    return { nonce: parts.join('.'), expires_at: expires };
  }

  /** Throws `enrolment_proof_invalid` unless it is one of ours and not over. */
  check(nonce: string): void {
    const [, random, key, expires, signature] = FORM.exec(nonce) ?? [];
    if (random === undefined) throw new KanadeError('enrolment_proof_invalid', NOT_OURS);
    const seal: Record<string, string | undefined> = {
      [SEAL_HEADERS.key]: key,
      [SEAL_HEADERS.expires]: expires,
      [SEAL_HEADERS.signature]: signature,
    };
    try {
      this.#keys.checkApart(ABOUT, Buffer.from(random, 'base64url'), (name) => seal[name], GOOD_FOR + CLOCKS_DIFFER);
    } catch (error) {
      if (!isSealFault(error)) throw error;
      throw new KanadeError('enrolment_proof_invalid', error.code === 'signature_expired' ? 'the nonce is too old' : NOT_OURS);
    }
  }
}

const NOT_OURS = 'the nonce is not one of this server';
