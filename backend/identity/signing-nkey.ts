import { sign } from 'node:crypto';
import type { KeyPair } from '@nats-io/nkeys';
import { privateKeyIn } from '#core/contract/nkey.ts';

/**
 * The same key, whose signatures node:crypto makes. The library computes the public key from the seed at every turn, and both in
 * JavaScript: a JWT took it 25 ms and more, which is minutes for a fleet that enrols.
 */
export function signingNkey(key: KeyPair): KeyPair {
  const publicKey = key.getPublicKey();
  const privateText = key.getPrivateKey();
  const privateKey = privateKeyIn(key.getSeed());
  const quick: Pick<KeyPair, 'getPublicKey' | 'getPrivateKey' | 'sign'> = {
    getPublicKey: () => publicKey,
    getPrivateKey: () => privateText,
    sign: (input) => new Uint8Array(sign(null, input, privateKey)),
  };
  return Object.assign(Object.create(key) as KeyPair, quick);
}
