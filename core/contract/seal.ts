import { createPrivateKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { publicBytesOf, publicKeyFrom } from './ed25519.ts';
import { KanadeError } from './errors.ts';
import { sha256 } from './ids.ts';

/**
 * What a backend says is sealed: Ed25519 (RFC 8032) over the subject, the exact bytes, until when it counts and which key
 * it is from (design section 7). The broker carries it and cannot make it. These headers carry the seal.
 */
export const SEAL_HEADERS = { key: 'Kanade-Key', expires: 'Kanade-Expires', signature: 'Kanade-Signature' } as const;

/** The value of `Kanade-Expires` of what counts until it is replaced, such as a value in a bucket. */
export const NEVER = 'never';

/** Begins every sealed text, so that no signature of ours means something elsewhere. */
const DOMAIN = 'kanade-seal-1';

/** A public key as others hold it: 32 bytes in base64url. */
export type PublicKeyText = string;

/** The key's name: the first half of its SHA-256, so that nobody chooses it. */
export function keyIdOf(publicKey: PublicKeyText): string {
  return sha256(Buffer.from(publicKey, 'base64url')).slice(0, 32);
}

/** What a seal is about. Neither a subject nor a key id nor a time can hold a line feed, so that the parts cannot run together. */
function sealedText(subject: string, key: string, expires: string, bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${DOMAIN}\n${subject}\n${key}\n${expires}\n`), bytes]);
}

/** A private key and its name. */
export class SealingKey {
  readonly id: string;
  readonly publicKey: PublicKeyText;
  readonly #private: KeyObject;

  private constructor(privateKey: KeyObject) {
    this.#private = privateKey;
    this.publicKey = publicBytesOf(privateKey).toString('base64url');
    this.id = keyIdOf(this.publicKey);
  }

  static generate(): SealingKey {
    return new SealingKey(generateKeyPairSync('ed25519').privateKey);
  }

  /** Of `toPem()`. Throws when it is no Ed25519 key. */
  static fromPem(pem: string): SealingKey {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'ed25519') throw new KanadeError('bad_message', `a sealing key is Ed25519, not ${key.asymmetricKeyType}`);
    return new SealingKey(key);
  }

  /** Over what is no seal: a proof that we have the key. */
  sign(bytes: Uint8Array): Buffer {
    return sign(null, bytes, this.#private);
  }

  /** PKCS#8, to be kept where nobody else reads. */
  toPem(): string {
    return this.#private.export({ format: 'pem', type: 'pkcs8' }).toString();
  }

  /** The headers of a message on `subject`; `expires` RFC 3339 in UTC, or NEVER. */
  seal(subject: string, bytes: Uint8Array, expires: string): Record<string, string> {
    const signature = sign(null, sealedText(subject, this.id, expires, bytes), this.#private).toString('base64url');
    return { [SEAL_HEADERS.key]: this.id, [SEAL_HEADERS.expires]: expires, [SEAL_HEADERS.signature]: signature };
  }
}

/** A key others trust. Times in milliseconds since 1970. */
export interface TrustedKey {
  publicKey: PublicKeyText;
  /** What it seals counts no longer from then on. */
  retiredAt?: number;
}

export interface SealRules {
  /** Milliseconds since 1970, the broker's clock. */
  now: number;
  /** Milliseconds a seal may count from now on; undefined where NEVER is right. */
  atMost: number | undefined;
}

/** What a header of the message says; undefined when it has none. */
export type HeaderOf = (name: string) => string | undefined;

/** The keys whose seals count. */
export class Keyring {
  readonly #keys = new Map<string, { key: KeyObject; retiredAt: number }>();

  constructor(keys: Iterable<TrustedKey>) {
    for (const { publicKey, retiredAt } of keys) {
      const key = publicKeyFrom(Buffer.from(publicKey, 'base64url'));
      this.#keys.set(keyIdOf(publicKey), { key, retiredAt: retiredAt ?? Number.POSITIVE_INFINITY });
    }
  }

  has(keyId: string): boolean {
    return this.#keys.has(keyId);
  }

  /**
   * Throws unless one of our keys sealed these bytes for this subject and the seal still counts: `unsigned`, `unknown_key`,
   * `retired_key`, `signature_invalid`, `signature_expired`, `signature_too_long`.
   */
  check(subject: string, bytes: Uint8Array, header: HeaderOf, { now, atMost }: SealRules): void {
    const id = header(SEAL_HEADERS.key);
    const expires = header(SEAL_HEADERS.expires);
    const signature = header(SEAL_HEADERS.signature);
    if (id === undefined || expires === undefined || signature === undefined) throw new KanadeError('unsigned', `${subject} is not signed`);
    const trusted = this.#keys.get(id);
    if (trusted === undefined) throw new KanadeError('unknown_key', `${subject} is signed by ${quote(id)}, which is not trusted here`);
    // First of all whether it is genuine: what else the headers say is worth nothing before.
    if (!verify(null, sealedText(subject, id, expires, bytes), trusted.key, Buffer.from(signature, 'base64url'))) {
      throw new KanadeError('signature_invalid', `${subject} was altered, or signed for something else`);
    }
    if (now >= trusted.retiredAt) throw new KanadeError('retired_key', `${subject} is signed by ${id}, which is retired`);
    const until = expires === NEVER ? Number.POSITIVE_INFINITY : Date.parse(expires);
    if (!(now < until)) throw new KanadeError('signature_expired', `${subject} counted until ${quote(expires)}`);
    if (atMost !== undefined && until > now + atMost)
      throw new KanadeError('signature_too_long', `${subject} would count until ${quote(expires)}`);
  }
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 64));
}
