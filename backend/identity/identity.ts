import { KanadeError } from '#core/contract/errors.ts';
import { assertNoStore, storeIn } from '../broker/adopt-store.ts';
import { type Accounts, keptAccounts } from './accounts.ts';
import { type BrokerKeys, brokerKeys, hasBrokerKeys, identityFolder } from './broker-keys.ts';
import { operatorJwt } from './claims.ts';
import { type Protection, systemProtection } from './protection.ts';

/** The keys of this installation and what the broker is to be told of them. */
export interface Identity {
  folder: string;
  keys: BrokerKeys;
  accounts: Accounts;
}

/** Of this data folder; made when it has none. `identity_missing` when there is a store of keys that are gone. */
export async function openIdentity(dataDir: string, protection: Protection = systemProtection()): Promise<Identity> {
  const folder = identityFolder(dataDir);
  if (!(await hasBrokerKeys(folder, protection))) await assertNoStore(storeIn(dataDir));
  const keys = await brokerKeys(folder, protection);
  return { folder, keys, accounts: await keptAccounts(folder, keys) };
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
  if (!open) return openIdentity(dataDir, protection);
  if (!(await hasBrokerKeys(identityFolder(dataDir), protection))) return undefined;
  throw new KanadeError('identity_there', `${dataDir} has identities: start without --open, or with another --data-dir`);
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

export async function brokerTrust({ keys, accounts }: Identity): Promise<BrokerTrust> {
  return {
    operator: await operatorJwt(keys),
    systemAccount: keys.system.getPublicKey(),
    backendsAccount: keys.backends.getPublicKey(),
    preload: {
      [keys.system.getPublicKey()]: accounts.system,
      [keys.backends.getPublicKey()]: accounts.backends,
      [keys.pcs.getPublicKey()]: accounts.pcs,
    },
  };
}
