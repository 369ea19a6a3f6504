import { sha256 } from '#core/contract/ids.ts';
import { type HeaderOf, Keyring, type TrustedKey } from '#core/contract/seal.ts';
import { isSealFault, type SealedKind } from '#core/contract/sealed.ts';
import { Wake } from '#core/nats/retry.ts';
import { checkSeal, type Seal, type SealedMessage } from '#core/nats/seal.ts';

/** What a backend goes by, as it is handed to the thread of the projection. */
export interface Beliefs {
  keys: readonly TrustedKey[];
  /** Of the messages on EXECUTIONS that were there before anything was sealed: what `adoptedDigest` gives. */
  adopted: readonly string[];
}

/** Whom a backend believes. It seals nothing: that is for CommandKeys. */
export class Believes implements Seal {
  readonly changed = new Wake();
  readonly #clock: () => number;
  #keyring: Keyring;
  #adopted: ReadonlySet<string>;

  /** `clock`: milliseconds since 1970, the broker's. */
  constructor({ keys, adopted }: Beliefs, clock: () => number) {
    this.#keyring = new Keyring(keys);
    this.#adopted = new Set(adopted);
    this.#clock = clock;
  }

  believe({ keys, adopted }: Beliefs): void {
    this.#keyring = new Keyring(keys);
    this.#adopted = new Set(adopted);
    this.changed.fire();
  }

  sign(_subject: string, _bytes: Uint8Array, _operation: string | undefined): Record<string, string> | undefined {
    return undefined;
  }

  /**
   * History counts by the keys of its time: with `stored`, a key that has been retired since is as good as it was then.
   * Only the broker says when that was, so whoever is about to act on a message leaves it out.
   */
  check(message: SealedMessage, kind: SealedKind): void {
    const { subject, data, stored } = message;
    const now = this.#clock();
    const then = kind === 'execution' && stored !== undefined ? Math.min(stored, now) : now;
    try {
      checkSeal(this.#keyring, message, kind, then);
    } catch (error) {
      if (kind === 'execution' && isSealFault(error) && this.#adopted.has(adoptedDigest(subject, data))) return;
      throw error;
    }
  }

  /** Of what is no message: `about` says what it is, and is no subject. `atMost`: milliseconds that it may count from now on. */
  checkApart(about: string, bytes: Uint8Array, header: HeaderOf, atMost: number): void {
    this.#keyring.check(about, bytes, header, { now: this.#clock(), atMost });
  }
}

export function adoptedDigest(subject: string, bytes: Uint8Array): string {
  return sha256(Buffer.concat([Buffer.from(`${subject}\n`), bytes]));
}
