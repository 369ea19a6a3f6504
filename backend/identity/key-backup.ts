import { createCipheriv, createDecipheriv, randomBytes, type ScryptOptions, scrypt } from 'node:crypto';
import { dirname, join } from 'node:path';
import { literal, object, record, string } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { atomicWrite, ensureFolder } from '#core/files/atomic-write.ts';
import { readIfThere } from '#core/files/read-if-there.ts';
import type { Protection } from './protection.ts';

/** By which other backends know this one; any start makes one. */
const ID_FILE = 'backend/backend.json';

/** All that cannot be made again, by its place in the data folder, and whether it lies there as a Protection has it. */
const KEPT: Readonly<Record<string, { wrapped: boolean }>> = {
  'identity/broker-keys.json': { wrapped: true },
  'identity/joined.json': { wrapped: true },
  'identity/admitted.json': { wrapped: true },
  'identity/broker-ca.pem': { wrapped: false },
  'identity/accounts.json': { wrapped: false },
  'identity/command-keys.json': { wrapped: true },
  'tls/ca-key.pem': { wrapped: true },
  'admin.token': { wrapped: false },
  [ID_FILE]: { wrapped: false },
};

const KIND = 'kanade-keys-1';
const Sealed = object({ kind: literal(KIND), salt: string(), iv: string(), tag: string(), sealed: string() });
const Files = record(string(), string());

/** What OWASP asks for, 128 MiB and a second or so: a file that was stolen is all that somebody has to guess at. */
const HARD: ScryptOptions = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 };
const PASSPHRASE_LEAST = 12;

/** The keys of a data folder in a form that any machine can restore, for whoever knows the passphrase. */
export async function sealKeys(dataDir: string, passphrase: string, protection: Protection): Promise<Uint8Array> {
  if (passphrase.length < PASSPHRASE_LEAST)
    throw new KanadeError('setting_invalid', `the passphrase has to have ${PASSPHRASE_LEAST} characters or more`);
  const files: Record<string, string> = {};
  for (const [path, { wrapped }] of Object.entries(KEPT)) {
    const kept = await readIfThere(join(dataDir, path));
    if (kept !== undefined) files[path] = Buffer.from(wrapped ? await protection.unwrap(kept) : kept).toString('base64');
  }
  if (files['identity/broker-keys.json'] === undefined && files['identity/joined.json'] === undefined)
    throw new KanadeError('identity_missing', `${dataDir} has no keys to export`);
  const [salt, iv] = [randomBytes(16), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', await keyFrom(passphrase, salt), iv).setAAD(Buffer.from(KIND));
  const sealed = Buffer.concat([cipher.update(encode(files)), cipher.final()]);
  const text = (bytes: Buffer) => bytes.toString('base64');
  return encode({ kind: KIND, salt: text(salt), iv: text(iv), tag: text(cipher.getAuthTag()), sealed: text(sealed) });
}

/** Puts them into a data folder that has none. `identity_there`, `key_backup_unreadable`. */
export async function unsealKeys(dataDir: string, bytes: Uint8Array, passphrase: string, protection: Protection): Promise<void> {
  for (const path of Object.keys(KEPT)) {
    if (path !== ID_FILE && (await readIfThere(join(dataDir, path))) !== undefined)
      throw new KanadeError('identity_there', `${join(dataDir, path)} is there: keys are imported into a folder that has none`);
  }
  const files = await opened(bytes, passphrase);
  for (const [path, { wrapped }] of Object.entries(KEPT)) {
    const secret = files[path] === undefined ? undefined : Buffer.from(files[path], 'base64');
    if (secret === undefined) continue;
    await ensureFolder(dirname(join(dataDir, path)));
    await atomicWrite(join(dataDir, path), wrapped ? await protection.wrap(secret) : secret);
  }
}

async function opened(bytes: Uint8Array, passphrase: string): Promise<Record<string, string>> {
  try {
    const { salt, iv, tag, sealed } = decode(Sealed, bytes);
    const key = await keyFrom(passphrase, Buffer.from(salt, 'base64'));
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(KIND)).setAuthTag(Buffer.from(tag, 'base64'));
    return decode(Files, Buffer.concat([decipher.update(Buffer.from(sealed, 'base64')), decipher.final()]));
  } catch (cause) {
    throw new KanadeError('key_backup_unreadable', 'it is no file of --export-keys, was changed, or the passphrase is another one', {
      cause,
    });
  }
}

function keyFrom(passphrase: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, 32, HARD, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
