import type { KeyObject } from 'node:crypto';
import { Prefix } from '@nats-io/nkeys';
// It says how nkeys are written down and is not told of in the library's index. That is why the version of the library is pinned
// exactly and nothing but this file goes by it: tests/unit/nkey.test.ts compares it with what the index has.
import { Codec } from '@nats-io/nkeys/lib/codec.js';
import { privateKeyFrom, publicBytesOf, publicKeyFrom, seedOf } from './ed25519.ts';

/** Nkeys from and to keys of node:crypto: the library writes and reads their texts, whose arithmetic takes a hundred times as long. */

/** `SU…`: a private key as that of a user. */
export function userSeedText(privateKey: KeyObject): string {
  return new TextDecoder().decode(Codec.encodeSeed(Prefix.User, seedOf(privateKey)));
}

/** `U…`: the public half of a key as that of a user. */
export function userText(key: KeyObject): string {
  return new TextDecoder().decode(Codec.encode(Prefix.User, publicBytesOf(key)));
}

/** Of a user's public nkey. Throws for what is none. */
export function userKeyIn(text: string): KeyObject {
  return publicKeyFrom(Codec.decode(Prefix.User, new TextEncoder().encode(text)));
}

/** Of an account's public nkey. Throws for what is none. */
export function accountKeyIn(text: string): KeyObject {
  return publicKeyFrom(Codec.decode(Prefix.Account, new TextEncoder().encode(text)));
}

/** Of a seed, whosever it is. Throws for what is none. */
export function privateKeyIn(seed: Uint8Array): KeyObject {
  return privateKeyFrom(Codec.decodeSeed(seed).buf);
}
