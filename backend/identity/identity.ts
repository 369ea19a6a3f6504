import { decode as decodeJwt } from '@nats-io/jwt';
import { KanadeError } from '#core/contract/errors.ts';
import { assertNoStore, storeIn } from '../broker/adopt-store.ts';
import { type Accounts, type EachAccount, keptAccounts, readAccounts } from './accounts.ts';
import { type BrokerKeys, brokerKeys, hasBrokerKeys, identityFolder } from './broker-keys.ts';
import { type AccountSigner, operatorJwt } from './claims.ts';
import { type JoinedFile, joinedFileIn, readJoined } from './joined-file.ts';
import { type Protection, systemProtection } from './protection.ts';

/** The keys of a backend at the broker, and what the broker is told of the accounts. */
export interface Identity {
  folder: string;
  /** The operator, as the broker knows it: public. */
  operator: string;
  signers: EachAccount<AccountSigner>;
  accounts: Accounts;
  /** Of the backend that made this installation: only it changes accounts. */
  keys?: BrokerKeys;
  /** Of one that has joined it. */
  joined?: JoinedFile;
}

/** Of the backend that made this installation. */
export type FirstIdentity = Identity & { keys: BrokerKeys };

/**
 * Of this data folder; made when it has none. `identity_missing` when there is a store of keys that are gone,
 * `joined_already` for one that belongs to an installation that others have made.
 */
export async function openIdentity(dataDir: string, protection: Protection = systemProtection()): Promise<FirstIdentity> {
  const folder = identityFolder(dataDir);
  if ((await readJoined(folder, protection)) !== undefined) {
    throw new KanadeError('joined_already', `${dataDir} has joined the backends of another broker: it makes no keys for one of its own`);
  }
  if (!(await hasBrokerKeys(folder, protection))) await assertNoStore(storeIn(dataDir));
  const keys = await brokerKeys(folder, protection);
  const own = (account: 'system' | 'backends') => ({ account: keys[account].getPublicKey(), signer: keys[account] });
  const pcs = { account: keys.pcs.getPublicKey(), signer: keys.pcsSigning };
  return {
    folder,
    operator: await operatorJwt(keys),
    signers: { system: own('system'), backends: own('backends'), pcs },
    accounts: await keptAccounts(folder, keys),
    keys,
  };
}

/** What a program says when it starts without identities. */
export const OPEN_MODE = 'OPEN MODE (--open): no identities, whoever reaches this machine may do everything. For development only';

/**
 * The identity to run with, or none in open mode. `identity_there` when a folder that has one is to be opened without: whoever
 * reached the broker then would be a backend to PCs that know better, and nothing in it would be found.
 */
export async function identityFor(
  { open, dataDir }: { open: boolean; dataDir: string },
  protection: Protection = systemProtection(),
): Promise<Identity | undefined> {
  const folder = identityFolder(dataDir);
  const joined = await readJoined(folder, protection);
  if (!open) return joined === undefined ? openIdentity(dataDir, protection) : joinedIdentity(folder, joined);
  if (joined === undefined && !(await hasBrokerKeys(folder, protection))) return undefined;
  throw new KanadeError('identity_there', `${dataDir} has identities: start without --open, or with another --data-dir`);
}

async function joinedIdentity(folder: string, joined: JoinedFile): Promise<Identity> {
  const accounts = await readAccounts(folder);
  if (accounts === undefined)
    throw new KanadeError('identity_unreadable', `accounts.json is missing beside ${joinedFileIn(folder)}: put it back from a backup`);
  const { operator, signers } = joined;
  return { folder, operator, signers, accounts, joined };
}

/** What a server is started with to trust this installation and nobody else. */
export interface BrokerTrust {
  operator: string;
  systemAccount: string;
  /** The account that holds the streams. */
  backendsAccount: string;
  /** Account JWTs by public key. */
  preload: Record<string, string>;
}

export async function brokerTrust({ operator, signers, accounts }: Identity): Promise<BrokerTrust> {
  return {
    operator,
    systemAccount: signers.system.account,
    backendsAccount: signers.backends.account,
    preload: {
      [signers.system.account]: accounts.system,
      [signers.backends.account]: accounts.backends,
      [signers.pcs.account]: accounts.pcs,
    },
  };
}

/** Whom the broker takes accounts from. */
export function operatorKey({ operator }: Pick<Identity, 'operator'>): string {
  return decodeJwt(operator).sub;
}
