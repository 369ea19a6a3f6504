import { createPublicKey } from 'node:crypto';
import { array, type Infer, literal, size, type } from 'superstruct';
import { decode } from '#core/contract/codec.ts';
import { PublicKey } from '#core/contract/command-key.ts';
import { publicKeyFrom } from '#core/contract/ed25519.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import type { PublicKeyText } from '#core/contract/seal.ts';
import { readIfThere } from '#core/files/read-if-there.ts';
import { publicTextOf } from './envelope.ts';

/** Whom a version believes: put into its folder when it was packed. So the MSI says whom to trust, and each release the keys for the next. */
export const RELEASE_KEYS_FILE = 'release-keys.json';

const PEM = /-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g;

const ReleaseKeys = type({ format: literal(1), keys: size(array(PublicKey), 0, 16) });
type ReleaseKeys = Infer<typeof ReleaseKeys>;

/** Of the file at `path`, that list or public keys in PEM; none where there is no such file. Rejects with `release_keys_unreadable`. */
export async function readReleaseKeys(path: string): Promise<PublicKeyText[]> {
  try {
    const bytes = await readIfThere(path);
    if (bytes === undefined) return [];
    const blocks = bytes.toString().match(PEM);
    if (blocks !== null) return blocks.map(publicTextOfPem);
    const { keys } = decode(ReleaseKeys, bytes);
    for (const key of keys) publicKeyFrom(Buffer.from(key, 'base64url'));
    return keys;
  } catch (cause) {
    throw new KanadeError('release_keys_unreadable', `${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** The text of `release-keys.json`. */
export function releaseKeysText(keys: readonly PublicKeyText[]): string {
  const list: ReleaseKeys = { format: 1, keys: [...new Set(keys)] };
  return `${JSON.stringify(list, null, 2)}\n`;
}

function publicTextOfPem(pem: string): PublicKeyText {
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`a release key is Ed25519, not ${key.asymmetricKeyType}`);
  return publicTextOf(key);
}
