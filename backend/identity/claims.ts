import { type Account, encodeAccount, encodeOperator, encodeUser, newScopedSigner } from '@nats-io/jwt';
import { createUser, fromPublic, type KeyPair } from '@nats-io/nkeys';
import { PC_ASKS, PC_HEARS, PC_SAYS, pcPermissions } from '#core/contract/permissions.ts';
import { replayDurable } from '#core/contract/subjects.ts';
import type { Credential } from '#core/nats/connection.ts';
import type { BrokerKeys } from './broker-keys.ts';

/** What the broker is told, as the JWTs it understands: who may be what, and what that may do. */

/** Seconds since 1970 by public key: JWTs of that key issued then or before open nothing. */
export type Revocations = Record<string, number>;

/** By which key a backend signs who is in an account: the account's own, or one that the account names. */
export interface AccountSigner {
  /** Public key of the account. */
  account: string;
  signer: KeyPair;
}

const ANY = -1;
const ROOM = { subs: ANY, data: ANY, payload: ANY, imports: ANY, exports: ANY, wildcards: true, conn: ANY, leaf: 0 } as const;
const NO_JETSTREAM = { mem_storage: 0, disk_storage: 0, streams: 0, consumer: 0 } as const;
const JETSTREAM = { mem_storage: ANY, disk_storage: ANY, streams: ANY, consumer: ANY } as const;

const DURABLE_TAG = 'durable';

/** Subscriptions of one PC: it needs a dozen. */
const PC_SUBSCRIPTIONS = 64;

export function operatorJwt(keys: BrokerKeys): Promise<string> {
  return encodeOperator('kanade', keys.operator, { system_account: keys.system.getPublicKey() });
}

/** `signers` are the public keys that may sign users of the account beside its own key: those of backends that have joined. */
export function systemAccountJwt(keys: BrokerKeys, signers: readonly string[]): Promise<string> {
  const claims: Account = { limits: { ...ROOM, ...NO_JETSTREAM }, signing_keys: [...signers], version: 2 };
  return encodeAccount('system', keys.system, claims, { signer: keys.operator });
}

/** The account of the backends, which holds all streams. */
export function backendsAccountJwt(keys: BrokerKeys, signers: readonly string[]): Promise<string> {
  const exports: NonNullable<Account['exports']> = [
    ...PC_SAYS.map((subject) => ({ name: subject, subject, type: 'service' as const, response_type: 'Singleton' as const })),
    ...PC_ASKS.map(({ subject, many }) => ({
      name: subject,
      subject,
      type: 'service' as const,
      response_type: many ? ('Stream' as const) : ('Singleton' as const),
    })),
    ...PC_HEARS.map((subject) => ({ name: subject, subject, type: 'stream' as const })),
  ];
  const claims: Account = { exports, limits: { ...ROOM, ...JETSTREAM }, signing_keys: [...signers], version: 2 };
  return encodeAccount('backends', keys.backends, claims, { signer: keys.operator });
}

/** The account of the PCs: it reaches what is imported and nothing else. `signers` are the public keys that may sign PCs. */
export function pcsAccountJwt(keys: BrokerKeys, signers: readonly string[], revocations: Revocations): Promise<string> {
  const account = keys.backends.getPublicKey();
  const imports: NonNullable<Account['imports']> = [
    ...PC_SAYS.map((subject) => ({ name: subject, subject, account, type: 'service' as const })),
    ...PC_ASKS.map(({ subject, here }) => ({
      ...{ name: subject, subject, account, type: 'service' as const },
      ...(here === undefined ? {} : { local_subject: here }),
    })),
    ...PC_HEARS.map((subject) => ({ name: subject, subject, account, type: 'stream' as const })),
  ];
  const claims: Account = {
    imports,
    limits: { ...ROOM, ...NO_JETSTREAM },
    signing_keys: signers.map((publicKey) => newScopedSigner(fromPublic(publicKey), 'pc', pcTemplate())),
    revocations,
    version: 2,
  };
  return encodeAccount('pcs', keys.pcs, claims, { signer: keys.operator });
}

/**
 * The broker fills in the JWT's name and its tag: what a PC may do is said once and in the account, and its JWT stays short.
 * Older brokers fill in whole words only, hence the tag.
 */
function pcTemplate() {
  const { publish, subscribe } = pcPermissions('{{name()}}', `{{tag(${DURABLE_TAG})}}`);
  return {
    pub: { allow: publish },
    sub: { allow: subscribe },
    subs: PC_SUBSCRIPTIONS,
    data: ANY,
    payload: ANY,
    allowed_connection_types: ['STANDARD' as const],
  };
}

/** Of one PC, by a key that account `pcs` names. `expiresAt` in seconds since 1970. */
export function pcJwt({ account, signer }: AccountSigner, pc: { pcId: string; publicKey: string; expiresAt: number }): Promise<string> {
  const tags = [`${DURABLE_TAG}:${replayDurable(pc.pcId)}`];
  return encodeUser(pc.pcId, pc.publicKey, account, { tags }, { signer, scopedUser: true, exp: pc.expiresAt });
}

/** A connection of this process with all rights in the account; its key exists nowhere else. */
export async function ownCredential({ account, signer }: AccountSigner, name: string): Promise<Credential> {
  const key = createUser();
  const claims = { allowed_connection_types: ['STANDARD' as const] };
  // The account's own key is named by nobody.
  const own = signer.getPublicKey() === account;
  const jwt = await (own ? encodeUser(name, key, signer, claims) : encodeUser(name, key, account, claims, { signer }));
  return { jwt, seed: key.getSeed() };
}
