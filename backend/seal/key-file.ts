import { dirname, join } from 'node:path';
import { array, boolean, define, type Infer, optional, string, type } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { CommandKeyEntry } from '#core/contract/command-key.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { SealingKey } from '#core/contract/seal.ts';
import { Instant } from '#core/contract/time.ts';
import { atomicWrite, ensureFolder } from '#core/files/atomic-write.ts';
import { readIfThere } from '#core/files/read-if-there.ts';
import { identityFolder } from '../identity/broker-keys.ts';
import { type Protection, systemProtection } from '../identity/protection.ts';

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
  /** Keys whose words have been said again: what they say since then goes when they do. */
  said_again: optional(array(string())),
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
export async function readKeyFile(path: string, protection: Protection = systemProtection()): Promise<KeyFileContent | undefined> {
  try {
    const kept = await readIfThere(path);
    return kept && decode(KeyFileContent, await protection.unwrap(kept));
  } catch (error) {
    throw new KanadeError('command_key_lost', `${path} cannot be read (${messageOf(error)}): ${HOW_TO_REPLACE}`, { cause: error });
  }
}

/** For its owner only, whole or not at all. */
export async function writeKeyFile(path: string, content: KeyFileContent, protection: Protection = systemProtection()): Promise<void> {
  await ensureFolder(dirname(path));
  await atomicWrite(path, await protection.wrap(encode(content)));
}
