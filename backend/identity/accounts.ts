import { join } from 'node:path';
import { type Account, decode as decodeJwt, equivalent } from '@nats-io/jwt';
import { object, string } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { atomicWrite } from '#core/files/atomic-write.ts';
import { readIfThere } from '#core/files/read-if-there.ts';
import type { BrokerKeys } from './broker-keys.ts';
import { backendsAccountJwt, pcsAccountJwt, type Revocations, systemAccountJwt } from './claims.ts';

/**
 * What the broker was told last of each account. Kept, because a broker is started with it before anybody can read the
 * revocations out of it: made anew without them it would be newer than what the broker remembers, and replace it.
 */
export interface Accounts {
  system: string;
  backends: string;
  pcs: string;
}

const Kept = object({ system: string(), backends: string(), pcs: string() });
const FILE = 'accounts.json';

/** As they lie in `folder`, brought up to what this version of Kanade wants of them. */
export async function keptAccounts(folder: string, keys: BrokerKeys): Promise<Accounts> {
  const kept = await read(folder);
  if (kept !== undefined) assertOurs(folder, kept, keys);
  const { signers, revocations } = kept === undefined ? { signers: [], revocations: {} } : pcsClaims(kept.pcs);
  const own = keys.pcsSigning.getPublicKey();
  const wanted: Accounts = {
    system: await systemAccountJwt(keys),
    backends: await backendsAccountJwt(keys),
    pcs: await pcsAccountJwt(keys, [own, ...signers.filter((signer) => signer !== own)], revocations),
  };
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

export async function keepAccounts(folder: string, accounts: Accounts): Promise<void> {
  await atomicWrite(join(folder, FILE), encode(accounts));
}

/** Who may sign PCs, and which keys open nothing. */
export function pcsClaims(jwt: string): { signers: string[]; revocations: Revocations } {
  const { nats } = decodeJwt<Account>(jwt);
  return {
    signers: (nats.signing_keys ?? []).map((key) => (typeof key === 'string' ? key : key.key)),
    revocations: nats.revocations ?? {},
  };
}

/**
 * Whoever is named there as a signer will be vouched for by us: it has to be our operator who has named him, of our accounts. Else it was
 * changed, or is of other keys.
 */
function assertOurs(folder: string, kept: Accounts, keys: BrokerKeys): void {
  const operator = keys.operator.getPublicKey();
  for (const account of ['system', 'backends', 'pcs'] as const) {
    const { iss, sub } = decodeJwt(kept[account]);
    if (iss === operator && sub === keys[account].getPublicKey()) continue;
    const words = `what ${join(folder, FILE)} says of the account ${account} was not signed by our operator`;
    throw new KanadeError('identity_unreadable', `${words}: put it back from a backup, or remove it, and it is made again`);
  }
}

/** The one that is there, unless it says something else. */
async function newer(kept: string, wanted: string): Promise<string> {
  return (await equivalent(kept, wanted)) ? kept : wanted;
}

async function read(folder: string): Promise<Accounts | undefined> {
  try {
    const bytes = await readIfThere(join(folder, FILE));
    if (bytes === undefined) return undefined;
    const kept = decode(Kept, bytes);
    // Whether each is whole, and signed by whoever it says: what cannot be decoded is thrown.
    for (const jwt of Object.values(kept)) decodeJwt(jwt);
    return kept;
  } catch (cause) {
    throw new KanadeError('identity_unreadable', `${join(folder, FILE)} cannot be read: put it back from a backup`, { cause });
  }
}
