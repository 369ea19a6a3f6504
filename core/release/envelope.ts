import { createPrivateKey, type KeyObject, sign, verify } from 'node:crypto';
import { array, optional, size, string, type } from 'superstruct';
import { check, encode, parseJson } from '#core/contract/codec.ts';
import { publicBytesOf, publicKeyFrom } from '#core/contract/ed25519.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { keyIdOf, type PublicKeyText } from '#core/contract/seal.ts';

/**
 * DSSE (Dead Simple Signing Envelope 1.0, in-toto): the bytes that were signed travel as they are, and nothing in them is read
 * before a signature over them and their type was found good.
 */
export const PAYLOAD_TYPE = 'application/vnd.kanade.release+json';
/** Bytes: 2,000 files of the longest names, in Base64. */
export const ENVELOPE_MAX = 1024 * 1024;
const SIGNATURES_MAX = 16;

const Envelope = type({
  payload: string(),
  payloadType: size(string(), 1, 256),
  signatures: size(array(type({ keyid: optional(string()), sig: string() })), 0, SIGNATURES_MAX),
});

export interface Opened {
  payload: Uint8Array;
  /** Ids of the believed keys that have signed it. */
  signedBy: string[];
}

/** Ed25519 in PKCS#8 or whatever PEM node reads. */
export function releaseKeyFrom(pem: string): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`a release key is Ed25519, not ${key.asymmetricKeyType}`);
  return key;
}

export function publicTextOf(key: KeyObject): PublicKeyText {
  return publicBytesOf(key).toString('base64url');
}

export function signEnvelope(payload: Uint8Array, keys: readonly KeyObject[]): Uint8Array {
  const signatures = keys.map((key) => ({
    keyid: keyIdOf(publicTextOf(key)),
    sig: sign(null, preAuthentication(PAYLOAD_TYPE, payload), key).toString('base64'),
  }));
  return encode({ payload: Buffer.from(payload).toString('base64'), payloadType: PAYLOAD_TYPE, signatures });
}

/**
 * What was signed, when at least one of `keys` has signed it. Rejects with `release_malformed`, `release_untrusted` (signed by nobody
 * that is believed) or `release_forged` (the signature in a believed key's name is not over this).
 */
export function openEnvelope(bytes: Uint8Array, keys: readonly PublicKeyText[]): Opened {
  const { payload: text, payloadType, signatures } = asRelease('the envelope', () => readEnvelope(bytes));
  const payload = Buffer.from(text, 'base64');
  const signed = preAuthentication(payloadType, payload);
  const believed = new Map(keys.map((key) => [keyIdOf(key), publicKeyFrom(Buffer.from(key, 'base64url'))]));
  const signedBy = new Set<string>();
  let claimed = false;
  for (const { keyid, sig } of signatures) {
    // The id is nothing but a hint at which key to try, and may be missing.
    for (const [id, key] of believed) {
      if (keyid !== undefined && keyid !== id) continue;
      if (verify(null, signed, key, Buffer.from(sig, 'base64'))) signedBy.add(id);
      else claimed ||= keyid === id;
    }
  }
  if (signedBy.size === 0 && claimed) throw new KanadeError('release_forged', 'the release was altered after it was signed');
  if (signedBy.size === 0) {
    const ids = signatures.map(({ keyid }) => JSON.stringify((keyid ?? '').slice(0, 64))).join(', ');
    throw new KanadeError(
      'release_untrusted',
      `the release is signed by ${ids || 'nobody'}; believed here: ${[...believed.keys()].join(', ') || 'no key'}`,
    );
  }
  if (payloadType !== PAYLOAD_TYPE)
    throw new KanadeError('release_malformed', `what is signed is no release but ${JSON.stringify(payloadType)}`);
  return { payload, signedBy: [...signedBy] };
}

/** Turns whatever is wrong with the form of `what` into `release_malformed`. */
export function asRelease<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new KanadeError('release_malformed', `${what} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

function readEnvelope(bytes: Uint8Array) {
  if (bytes.length > ENVELOPE_MAX) throw new Error(`it has more than ${ENVELOPE_MAX} bytes`);
  return check(Envelope, parseJson(bytes));
}

/** What a signature is made over: neither the type nor the payload can run into the other. */
function preAuthentication(type: string, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);
}
