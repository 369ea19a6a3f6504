import { createPrivateKey, sign } from 'node:crypto';
import type { KeyPair } from '@nats-io/nkeys';
import { Codec } from '@nats-io/nkeys/lib/codec.js';

/** Comes before the 32 bytes of an Ed25519 key in PKCS#8 (RFC 8410). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The same key, whose signatures node:crypto makes. The library computes the public key from the seed at every turn, and both in
 * JavaScript: a JWT took it 25 ms and more, which is minutes for a fleet that enrols.
 */
export function signingNkey(key: KeyPair): KeyPair {
  const publicKey = key.getPublicKey();
  const privateText = key.getPrivateKey();
  const seed = Codec.decodeSeed(key.getSeed()).buf;
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
  const quick: Pick<KeyPair, 'getPublicKey' | 'getPrivateKey' | 'sign'> = {
    getPublicKey: () => publicKey,
    getPrivateKey: () => privateText,
    sign: (input) => new Uint8Array(sign(null, input, privateKey)),
  };
  return Object.assign(Object.create(key) as KeyPair, quick);
}
