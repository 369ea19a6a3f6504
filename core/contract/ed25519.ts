import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';

/** Ed25519 keys of node:crypto from and to their 32 bytes, which is how nkeys, NATS and our seals write them down. */

/** Comes before the bytes of a private key in PKCS#8 (RFC 8410): the one form in which node:crypto takes them alone. */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export function privateKeyFrom(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
}

export function seedOf(privateKey: KeyObject): Uint8Array {
  return privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PKCS8.length);
}

export function publicKeyFrom(bytes: Uint8Array): KeyObject {
  return createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(bytes).toString('base64url') } });
}

/** Of the public key, or of the one that belongs to a private key. */
export function publicBytesOf(key: KeyObject): Buffer {
  return Buffer.from((key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' }).x!, 'base64url');
}
