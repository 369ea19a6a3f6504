import { generateKeyPairSync, sign } from 'node:crypto';
import { Prefix } from 'nkeys.js';
import { Codec } from 'nkeys.js/lib/codec.js';
import { privateKeyFrom, publicBytesOf, seedOf } from '#core/contract/ed25519.ts';

/** The texts of a user nkey. */
export interface UserKeyTexts {
  /** `SU…`: the private half. */
  seed: string;
  /** `U…` */
  publicKey: string;
}

/**
 * A new user nkey. The library writes and reads its texts; Node makes the key and signs by it, which the library's own arithmetic
 * takes a hundred times as long for.
 */
export function makeUserKey(): UserKeyTexts {
  const { privateKey } = generateKeyPairSync('ed25519');
  return {
    seed: textOf(Codec.encodeSeed(Prefix.User, seedOf(privateKey))),
    publicKey: textOf(Codec.encode(Prefix.User, publicBytesOf(privateKey))),
  };
}

/** Throws for what is no seed. */
export function signByUserKey(seed: string, bytes: Uint8Array): Uint8Array {
  const { buf } = Codec.decodeSeed(new TextEncoder().encode(seed));
  return sign(null, bytes, privateKeyFrom(buf));
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
