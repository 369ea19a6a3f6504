import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { Prefix } from 'nkeys.js';
import { Codec } from 'nkeys.js/lib/codec.js';

/** Comes before the 32 bytes of an Ed25519 key in PKCS#8 (RFC 8410). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

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
  const raw = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8_ED25519.length);
  return { seed: textOf(Codec.encodeSeed(Prefix.User, raw)), publicKey: textOf(Codec.encode(Prefix.User, publicBytes(privateKey))) };
}

/** Throws for what is no seed. */
export function signByUserKey(seed: string, bytes: Uint8Array): Uint8Array {
  const { buf } = Codec.decodeSeed(new TextEncoder().encode(seed));
  return sign(null, bytes, createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, buf]), format: 'der', type: 'pkcs8' }));
}

function publicBytes(privateKey: KeyObject): Uint8Array {
  return Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x!, 'base64url');
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
