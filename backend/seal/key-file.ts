import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { array, boolean, define, type Infer, optional, type } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { CommandKeyEntry } from '#core/contract/command-key.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { SealingKey } from '#core/contract/seal.ts';
import { Instant } from '#core/contract/time.ts';
import { atomicWrite, ensureFolder, patiently } from '#core/files/atomic-write.ts';
import { errnoOf } from '#core/files/disk-error.ts';
import { identityFolder } from '../identity/broker-keys.ts';
import { FILE_RIGHTS, type Protection } from '../identity/protection.ts';

/** PKCS#8 of an Ed25519 key. */
const PrivateKey = define<string>('PrivateKey', (value) => isSealingKey(value) || 'must be an Ed25519 key in PEM');

export const OwnKey = type({ private_key: PrivateKey, created_at: Instant, active_from: Instant, retired_at: optional(Instant) });
export type OwnKey = Infer<typeof OwnKey>;

/** `<data>/identity/command-keys.json`: whoever has this file runs what he likes on every PC. */
export const KeyFileContent = type({
  own: array(OwnKey),
  /** Of other backends, and what was ours: once retired always retired, whatever the broker says. */
  trusted: array(CommandKeyEntry),
  /** Whether what the broker held before there was a key has been sealed. */
  adopted: boolean(),
});
export type KeyFileContent = Infer<typeof KeyFileContent>;

export const HOW_TO_REPLACE = 'put it back from a backup, or start once with --new-command-key';

function isSealingKey(value: unknown): boolean {
  try {
    return typeof value === 'string' && SealingKey.fromPem(value) !== undefined;
  } catch {
    return false;
  }
}

/** Where a backend of this data folder has its keys. */
export function commandKeyFile(dataDir: string): string {
  return join(identityFolder(dataDir), 'command-keys.json');
}

/** Undefined when there is no such file. Nothing is made up for one that cannot be read: `command_key_lost`. */
export async function readKeyFile(path: string, protection: Protection = FILE_RIGHTS): Promise<KeyFileContent | undefined> {
  try {
    return decode(KeyFileContent, await protection.unwrap(await patiently(() => readFile(path))));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw new KanadeError('command_key_lost', `${path} cannot be read (${messageOf(error)}): ${HOW_TO_REPLACE}`, { cause: error });
  }
}

/** For its owner only, whole or not at all. */
export async function writeKeyFile(path: string, content: KeyFileContent, protection: Protection = FILE_RIGHTS): Promise<void> {
  await ensureFolder(dirname(path));
  await atomicWrite(path, await protection.wrap(encode(content)));
}
