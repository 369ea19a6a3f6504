import { generateKeyPairSync, sign } from 'node:crypto';
import { privateKeyIn, userSeedText, userText } from '#core/contract/nkey.ts';

/** The texts of a user nkey. */
export interface UserKeyTexts {
  /** `SU…`: the private half. */
  seed: string;
  /** `U…` */
  publicKey: string;
}

/** A new user nkey. */
export function makeUserKey(): UserKeyTexts {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { seed: userSeedText(privateKey), publicKey: userText(privateKey) };
}

/** Throws for what is no seed. */
export function signByUserKey(seed: string, bytes: Uint8Array): Uint8Array {
  return sign(null, bytes, privateKeyIn(new TextEncoder().encode(seed)));
}
