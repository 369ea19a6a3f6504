import { array, boolean, define, type Infer, optional, size, string, type } from 'superstruct';
import { CommandKeyEntry, PublicKey } from './command-key.ts';
import { Id, sha256 } from './ids.ts';
import { readSecretText, type SecretText, writeSecretText } from './secret-text.ts';
import { Instant } from './time.ts';

/** How a further backend comes by its place beside those that are there (design section 7). */

/** The public half of an account's nkey, or of one that signs for it. Whether it is one is for the nkeys library to say. */
export const AccountKey = define<string>(
  'AccountKey',
  (value) => (typeof value === 'string' && /^A[A-Z2-7]{55}$/.test(value)) || 'must be a public account nkey',
);

/** By which keys a backend signs who is in which account. */
export const SigningKeys = type({ system: AccountKey, backends: AccountKey, pcs: AccountKey });
export type SigningKeys = Infer<typeof SigningKeys>;

const CODE = 'kjc';

/** `kjc_<id>_<secret>[_<ca>]`: what an admin carries to the machine of the new backend. */
export function joinCodeText(code: SecretText): string {
  return writeSecretText(CODE, code);
}

/** Undefined when it has not the form of one. */
export function readJoinCode(text: string): SecretText | undefined {
  return readSecretText(CODE, text);
}

/** `join_codes` bucket, key = id. */
export const StoredJoinCode = type({
  id: Id,
  /** SHA-256 of the secret, hex. */
  hash: string(),
  description: optional(string()),
  created_at: Instant,
  created_by: string(),
  expires_at: Instant,
  revoked_at: optional(Instant),
  used_at: optional(Instant),
  used_by: optional(Id),
  /** `newcomerDigest` of who has used it: the same one that asks again, its answer having been lost, gets it again. */
  used_digest: optional(string()),
});
export type StoredJoinCode = Infer<typeof StoredJoinCode>;

const Signature = size(string(), 1, 128);

const NEWCOMER = {
  backend_id: Id,
  /** By which it signs what it says. */
  command_key: type({ public_key: PublicKey, created_at: Instant, active_from: Instant }),
  signing_keys: SigningKeys,
};
export const Newcomer = type(NEWCOMER);
export type Newcomer = Infer<typeof Newcomer>;

/** `POST /api/v1/backends/join`. */
export const JoinRequest = type({
  ...NEWCOMER,
  code: size(string(), 1, 256),
  nonce: size(string(), 1, 256),
  /** By each of its keys, over `joinText`; base64url. */
  signatures: type({ command: Signature, system: Signature, backends: Signature, pcs: Signature }),
});
export type JoinRequest = Infer<typeof JoinRequest>;

/** What a backend gets that has joined: whom to trust, and where. Nothing in it is secret. */
export const JoinAnswer = type({
  /** Who has let it in: whose word brings further backends in. */
  backend_id: Id,
  /** JWT of the operator. */
  operator: string(),
  /** JWTs of the accounts, which name its keys. */
  accounts: type({ system: string(), backends: string(), pcs: string() }),
  /** nats:// or tls:// URLs. */
  servers: size(array(string()), 1, 32),
  /** PEM of the CAs that the broker is checked against; left out without TLS, and where every machine trusts them. */
  ca: optional(string()),
  command_keys: size(array(CommandKeyEntry), 1, 256),
});
export type JoinAnswer = Infer<typeof JoinAnswer>;

/** What is signed to prove that whoever joins has its keys: bound to the nonce, the code and all of them. */
export function joinText(nonce: string, codeId: string, who: Newcomer): Uint8Array {
  return new TextEncoder().encode(`kanade-join-1\n${nonce}\n${codeId}\n${linesOf(who)}`);
}

/** The same for the same backend with the same keys. */
export function newcomerDigest(who: Newcomer): string {
  return sha256(linesOf(who));
}

function linesOf({ backend_id, command_key, signing_keys: { system, backends, pcs } }: Newcomer): string {
  const { public_key, created_at, active_from } = command_key;
  return `${[backend_id, public_key, created_at, active_from, system, backends, pcs].join('\n')}\n`;
}

/** `backends` bucket, key = the backend's id: who is one, or was. */
export const BackendEntry = type({
  backend_id: Id,
  /** Since when it is known: when it has joined, or, of the first, when it said so. */
  joined_at: Instant,
  /** By which code it has joined; the first has by none. */
  code_id: optional(Id),
  /** By which it signs who is in an account; the first has the accounts' own. */
  signing_keys: optional(SigningKeys),
  /** Whether it has the operator's key, without which no account can be changed. */
  operator: boolean(),
  /** URL of its API, as PCs reach it. */
  api: optional(string()),
  /** PEM of the CA that its API is checked against. */
  ca: optional(string()),
  /** When it was here last, to some minutes. */
  seen_at: optional(Instant),
  /** Since when it is none any more. */
  removed_at: optional(Instant),
  removed_by: optional(string()),
});
export type BackendEntry = Infer<typeof BackendEntry>;

/** `broker_accounts` bucket, key = the account: its JWT, as the backend with the operator's key has signed it last. */
export const AccountEntry = type({ jwt: string() });
export type AccountEntry = Infer<typeof AccountEntry>;
