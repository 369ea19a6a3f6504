import type { KeyPair } from '@nats-io/nkeys';
import { pcJwt } from './claims.ts';
import type { Identity } from './identity.ts';

/** Seconds that a PC's JWT opens the broker: a PC that is off for longer renews it by its key. */
export const PC_JWT_SECONDS = 30 * 86_400;

/** Makes PCs known to the broker, by a key that the PCs' account names. */
export class Issuer {
  readonly #pcs: string;
  readonly #signer: KeyPair;

  constructor({ keys }: Pick<Identity, 'keys'>) {
    this.#pcs = keys.pcs.getPublicKey();
    this.#signer = keys.pcsSigning;
  }

  /** The JWT by which the holder of this key is that PC. `now` in milliseconds since 1970. */
  async issue({ publicKey, pcId, now }: { publicKey: string; pcId: string; now: number }): Promise<{ jwt: string; expiresAt: number }> {
    const expiresAt = Math.floor(now / 1000) + PC_JWT_SECONDS;
    const jwt = await pcJwt({ pcs: this.#pcs, signer: this.#signer }, { pcId, publicKey, expiresAt });
    return { jwt, expiresAt: expiresAt * 1000 };
  }
}
