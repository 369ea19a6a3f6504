import { join } from 'node:path';
import { type Account, decode as decodeJwt, equivalent } from '@nats-io/jwt';
import { type Infer, object, string } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { atomicWrite } from '#core/files/atomic-write.ts';
import { readIfThere } from '#core/files/read-if-there.ts';
import type { BrokerKeys } from './broker-keys.ts';
import { backendsAccountJwt, pcsAccountJwt, type Revocations, systemAccountJwt } from './claims.ts';

export const ACCOUNTS = ['system', 'backends', 'pcs'] as const;
export type AccountName = (typeof ACCOUNTS)[number];
export type EachAccount<T> = Record<AccountName, T>;

/**
 * What the broker was told last of each account. Kept, because a broker is started with it before anybody can read the
 * revocations out of it: made anew without them it would be newer than what the broker remembers, and replace it.
 */
export const Accounts = object({ system: string(), backends: string(), pcs: string() });
export type Accounts = Infer<typeof Accounts>;

/** What the accounts say that is not the same for every installation. */
export interface Said {
  /** Public keys that may sign users of each account. */
  signers: EachAccount<readonly string[]>;
  /** Which keys of PCs open nothing. */
  revocations: Revocations;
}

const NOTHING: Said = { signers: { system: [], backends: [], pcs: [] }, revocations: {} };
const FILE = 'accounts.json';

/** As they lie in `folder`, brought up to what this version of Kanade wants of them. */
export async function keptAccounts(folder: string, keys: BrokerKeys): Promise<Accounts> {
  const kept = await readAccounts(folder);
  if (kept !== undefined) assertOurs(folder, kept, keys);
  const wanted = await signedAccounts(keys, kept === undefined ? NOTHING : saidIn(kept));
  if (kept === undefined) {
    await keepAccounts(folder, wanted);
    return wanted;
  }
  const accounts: Accounts = {
    system: await newer(kept.system, wanted.system),
    backends: await newer(kept.backends, wanted.backends),
    pcs: await newer(kept.pcs, wanted.pcs),
  };
  await keepAccounts(folder, accounts);
  return accounts;
}

/** Of this installation, whose own key for PCs is one of those that may sign them. */
export async function signedAccounts(keys: BrokerKeys, { signers, revocations }: Said): Promise<Accounts> {
  const own = keys.pcsSigning.getPublicKey();
  return {
    system: await systemAccountJwt(keys, signers.system),
    backends: await backendsAccountJwt(keys, signers.backends),
    pcs: await pcsAccountJwt(keys, [own, ...signers.pcs.filter((signer) => signer !== own)], revocations),
  };
}

export async function keepAccounts(folder: string, accounts: Accounts): Promise<void> {
  await atomicWrite(join(folder, FILE), encode(accounts));
}

/** Throws on what is not genuine. */
export function saidIn({ system, backends, pcs }: Accounts): Said {
  const { nats } = decodeJwt<Account>(pcs);
  return {
    signers: { system: signersIn(system), backends: signersIn(backends), pcs: signersIn(pcs) },
    revocations: nats.revocations ?? {},
  };
}

/**
 * Whoever is named there as a signer will be vouched for by us: it has to be our operator who has named him, of our accounts. Else it was
 * changed, or is of other keys.
 */
function assertOurs(folder: string, kept: Accounts, keys: BrokerKeys): void {
  const operator = keys.operator.getPublicKey();
  for (const account of ACCOUNTS) {
    const { iss, sub } = decodeJwt(kept[account]);
    if (iss === operator && sub === keys[account].getPublicKey()) continue;
    const words = `what ${join(folder, FILE)} says of the account ${account} was not signed by our operator`;
    throw new KanadeError('identity_unreadable', `${words}: put it back from a backup, or remove it, and it is made again`);
  }
}

function signersIn(jwt: string): string[] {
  return (decodeJwt<Account>(jwt).nats.signing_keys ?? []).map((key) => (typeof key === 'string' ? key : key.key));
}

/** The one that is there, unless it says something else. */
async function newer(kept: string, wanted: string): Promise<string> {
  return (await equivalent(kept, wanted)) ? kept : wanted;
}

export async function readAccounts(folder: string): Promise<Accounts | undefined> {
  try {
    const bytes = await readIfThere(join(folder, FILE));
    if (bytes === undefined) return undefined;
    const kept = decode(Accounts, bytes);
    // Whether each is whole, and signed by whoever it says: what cannot be decoded is thrown.
    for (const jwt of Object.values(kept)) decodeJwt(jwt);
    return kept;
  } catch (cause) {
    throw new KanadeError('identity_unreadable', `${join(folder, FILE)} cannot be read: put it back from a backup`, { cause });
  }
}
