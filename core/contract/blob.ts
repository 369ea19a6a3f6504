import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { sha256 } from './ids.ts';

/**
 * How bytes lie in the bucket `blobs`: encrypted with a key that follows from what they are (convergent encryption, Douceur 2002),
 * under a name that follows from it too. Whoever knows the digest of the content, which a signed command or a submission says,
 * finds and reads it; the broker gives any PC whatever was stored last, and that is of no use to it.
 */
export interface Blob {
  /** SHA-256 of the content: what messages name it by. */
  digest: string;
  /** Its key in the bucket. */
  name: string;
  /** What lies there. */
  locked: Uint8Array;
}

const CIPHER = 'aes-256-gcm';
/** Each key encrypts one content only, so that the nonce need not differ. */
const NONCE = new Uint8Array(12);
const TAG = 16;

export function lockBlob(content: Uint8Array): Blob {
  const digest = sha256(content);
  const cipher = createCipheriv(CIPHER, keyOf(digest), NONCE, { authTagLength: TAG });
  const locked = Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  return { digest, name: blobName(digest), locked };
}

/** The content, checked against its digest; undefined when it is another one's, or was altered. */
export function openBlob(digest: string, locked: Uint8Array): Uint8Array | undefined {
  if (locked.length < TAG) return undefined;
  const end = locked.length - TAG;
  const decipher = createDecipheriv(CIPHER, keyOf(digest), NONCE, { authTagLength: TAG });
  decipher.setAuthTag(locked.subarray(end));
  try {
    const content = Buffer.concat([decipher.update(locked.subarray(0, end)), decipher.final()]);
    return sha256(content) === digest ? content : undefined;
  } catch {
    // It does not fit its tag.
    return undefined;
  }
}

/** From the name nobody finds the digest, and so neither the key. */
export function blobName(digest: string): string {
  return derived(digest, 'kanade-blob-name').toString('hex');
}

function keyOf(digest: string): Buffer {
  return derived(digest, 'kanade-blob-key');
}

function derived(digest: string, what: string): Buffer {
  return Buffer.from(hkdfSync('sha256', digest, '', what, 32));
}
