import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromSeed } from '@nats-io/nkeys';
import { array, type Infer, object, string } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import { AccountKey, type SigningKeys } from '#core/contract/joining.ts';
import { atomicWrite, patiently } from '#core/files/atomic-write.ts';
import { errnoOf } from '#core/files/disk-error.ts';
import { ACCOUNTS, type AccountName, type EachAccount } from './accounts.ts';
import type { AccountSigner } from './claims.ts';
import type { Protection } from './protection.ts';
import { signingNkey } from './signing-nkey.ts';

/** What a backend that has joined others keeps in place of the installation's keys, which it never has. */
export interface JoinedFile {
  /** Id of the backend that made the installation. */
  first: string;
  /** JWT. */
  operator: string;
  /** Where the broker is, as it was told. */
  servers: readonly string[];
  signers: EachAccount<AccountSigner>;
}

export const Seeds = object({ system: string(), backends: string(), pcs: string() });
export type Seeds = Infer<typeof Seeds>;

const Kept = object({
  first: Id,
  operator: string(),
  servers: array(string()),
  accounts: object({ system: AccountKey, backends: AccountKey, pcs: AccountKey }),
  seeds: Seeds,
});

export const joinedFileIn = (folder: string) => join(folder, 'joined.json');
/** The keys of one that has asked to join and has no answer yet. */
export const joiningFileIn = (folder: string) => join(folder, 'joining.json');
/** PEM of the CAs that the broker is checked against, as it was told. */
export const brokerCaFileIn = (folder: string) => join(folder, 'broker-ca.pem');

/** Undefined for a folder that has joined nobody. `join_unfinished` for one that has asked to, `identity_unreadable`. */
export async function readJoined(folder: string, protection: Protection): Promise<JoinedFile | undefined> {
  const path = joinedFileIn(folder);
  let bytes: Uint8Array;
  try {
    bytes = await patiently(() => readFile(path));
  } catch (cause) {
    if (errnoOf(cause) !== 'ENOENT') throw unreadable(path, cause);
    if (!existsSync(joiningFileIn(folder))) return undefined;
    const words = `${folder} has asked to join other backends and has no answer yet`;
    throw new KanadeError('join_unfinished', `${words}: start again with the same --join and --server, or remove it`);
  }
  try {
    const { first, operator, servers, accounts, seeds } = decode(Kept, await protection.unwrap(bytes));
    const signer = (account: AccountName) => ({ account: accounts[account], signer: accountKey(seeds[account]) });
    return { first, operator, servers, signers: { system: signer('system'), backends: signer('backends'), pcs: signer('pcs') } };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

export async function writeJoined(folder: string, kept: Infer<typeof Kept>, protection: Protection): Promise<void> {
  await atomicWrite(joinedFileIn(folder), await protection.wrap(encode(kept)));
}

export function accountKey(seed: string) {
  const key = signingNkey(fromSeed(new TextEncoder().encode(seed)));
  if (!key.getPublicKey().startsWith('A')) throw new KanadeError('bad_message', 'a key is not that of an account');
  return key;
}

/** The public halves. */
export function signingKeysOf(seeds: Seeds): SigningKeys {
  return Object.fromEntries(ACCOUNTS.map((name) => [name, accountKey(seeds[name]).getPublicKey()])) as SigningKeys;
}

function unreadable(path: string, cause: unknown): KanadeError {
  const words = `${path} holds the keys of this backend and cannot be read (${messageOf(cause)})`;
  return new KanadeError('identity_unreadable', `${words}: put it back from a backup, or join again with another --data-dir`, { cause });
}
