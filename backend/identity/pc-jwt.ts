import { pcJwt } from './claims.ts';
import type { Identity } from './identity.ts';

/** Seconds that a PC's JWT opens the broker: a PC that is off for longer renews it by its key. */
export const PC_JWT_SECONDS = 30 * 86_400;

export interface IssuedJwt {
  jwt: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

/** The JWT by which the holder of this key is that PC. `now` in milliseconds since 1970. */
export async function issuePcJwt(
  { signers }: Pick<Identity, 'signers'>,
  { publicKey, pcId, now }: { publicKey: string; pcId: string; now: number },
): Promise<IssuedJwt> {
  const expiresAt = Math.floor(now / 1000) + PC_JWT_SECONDS;
  const jwt = await pcJwt(signers.pcs, { pcId, publicKey, expiresAt });
  return { jwt, expiresAt: expiresAt * 1000 };
}
