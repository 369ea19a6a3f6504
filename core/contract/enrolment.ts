import { array, boolean, define, type Infer, integer, literal, max, min, optional, size, string, type } from 'superstruct';
import { Id, sha256 } from './ids.ts';
import { readSecretText, type SecretText, writeSecretText } from './secret-text.ts';
import { Instant } from './time.ts';

/** How a PC comes by its identity (design section 7). */

/** The public half of a PC's nkey: `U` and 55 characters of base32. Whether it is one is for the nkeys library to say. */
export const UserKey = define<string>(
  'UserKey',
  (value) => (typeof value === 'string' && /^U[A-Z2-7]{55}$/.test(value)) || 'must be a public user nkey',
);

const Line = size(string(), 0, 256);

/** What a PC is made of: a disk that wakes up with other values is a copy. Each is left out where it cannot be read. */
export const Hardware = type({
  /** Win32_ComputerSystemProduct.UUID, or the DMI product UUID. */
  uuid: optional(Line),
  /** HKLM\SOFTWARE\Microsoft\Cryptography MachineGuid, or /etc/machine-id. */
  machine_guid: optional(Line),
});
export type Hardware = Infer<typeof Hardware>;

/** What is known here of it: whatever else a PC says is not kept. */
export function hardwareSaid({ uuid, machine_guid }: Hardware): Hardware {
  return { ...(uuid === undefined ? {} : { uuid }), ...(machine_guid === undefined ? {} : { machine_guid }) };
}

/** A nonce to be signed, for a few minutes. */
export const Challenge = type({ nonce: size(string(), 1, 256), expires_at: Instant });
export type Challenge = Infer<typeof Challenge>;

const PROOF = {
  pc_id: Id,
  public_key: UserKey,
  nonce: size(string(), 1, 256),
  /** By the PC's nkey, over `proofText`; base64url. */
  signature: size(string(), 1, 128),
};

/** `POST /api/v1/enrol`. */
export const EnrolRequest = type({
  ...PROOF,
  token: size(string(), 1, 256),
  ledger_id: optional(Line),
  hostname: optional(Line),
  os: optional(Line),
  version: optional(Line),
  hardware: optional(Hardware),
});
export type EnrolRequest = Infer<typeof EnrolRequest>;

/** `POST /api/v1/renew`: the key alone says who it is; also while an enrolment waits for an admin. */
export const RenewRequest = type({ ...PROOF, ledger_id: optional(Line), hardware: optional(Hardware) });
export type RenewRequest = Infer<typeof RenewRequest>;

const TOKEN = 'ket';

/** `ket_<id>_<secret>[_<ca>]`: what an admin copies to a PC. */
export function enrolmentTokenText(token: SecretText): string {
  return writeSecretText(TOKEN, token);
}

/** Undefined when it has not the form of one. */
export function readEnrolmentToken(text: string): SecretText | undefined {
  return readSecretText(TOKEN, text);
}

/** What is signed to prove that whoever asks has the key: bound to the purpose, the nonce, the name and the key. */
export function proofText(purpose: 'enrol' | 'renew', o: { nonce: string; pc_id: string; public_key: string }): Uint8Array {
  return new TextEncoder().encode(`kanade-${purpose}-1\n${o.nonce}\n${o.pc_id}\n${o.public_key}\n`);
}

/** A key whose seals a PC obeys (seal.ts). */
export const TrustedKeyEntry = type({ public_key: size(string(), 43, 43), retired_at: optional(Instant) });
export type TrustedKeyEntry = Infer<typeof TrustedKeyEntry>;

/** The same for the same keys, in whatever order. */
export function keysDigest(keys: readonly TrustedKeyEntry[]): string {
  const lines = keys.map(({ public_key, retired_at }) => `${public_key} ${retired_at ?? ''}\n`);
  return sha256(lines.sort().join('')).slice(0, 32);
}

/** What a PC gets: how to connect, whom to trust. */
export const Enrolled = type({
  state: literal('enrolled'),
  pc_id: Id,
  /** User JWT of NATS. */
  jwt: string(),
  /** When it ends: renewed before, and by the key afterwards as well. */
  jwt_expires_at: Instant,
  /** nats:// or tls:// URLs. */
  servers: size(array(string()), 1, 32),
  /** PEM of the CA that broker and API are checked against; left out without TLS. */
  ca: optional(string()),
  command_keys: size(array(TrustedKeyEntry), 1, 64),
  /** Where else it may renew: http(s):// URLs. */
  other_apis: optional(size(array(string()), 0, 32)),
  enrolled_at: Instant,
});
export type Enrolled = Infer<typeof Enrolled>;

export const Pending = type({ state: literal('pending'), reason: string(), retry_after_secs: min(integer(), 1) });
export type Pending = Infer<typeof Pending>;

/** `enrolment_tokens` bucket, key = id. */
export const StoredEnrolmentToken = type({
  id: Id,
  /** SHA-256 of the secret, hex. */
  hash: string(),
  description: optional(string()),
  created_at: Instant,
  created_by: string(),
  expires_at: Instant,
  /** How many PCs may still enrol; undefined = any number. */
  uses_left: optional(min(integer(), 0)),
  used: min(integer(), 0),
  /** The keys that used it last, shortened, and the names they asked for: one that asks again, its answer having been lost, uses nothing up. */
  recent: optional(array(string())),
  groups: array(Id),
  /** `*` and `?`, without case. */
  name_pattern: optional(string()),
  needs_approval: boolean(),
  /** A PC that comes with another key takes its old name over: for PCs that are reimaged. */
  replace: boolean(),
  /** PCs of it retire after so many silent days: for VDI. */
  ephemeral_days: optional(max(min(integer(), 1), 365)),
  revoked_at: optional(Instant),
  /** Fingerprint of the CA that its text names. */
  ca: optional(string()),
});
export type StoredEnrolmentToken = Infer<typeof StoredEnrolmentToken>;

/** Why somebody waits for an admin: the token says so, or the name is another key's, or was. */
export const WAIT_REASONS = ['needs_approval', 'name_taken', 'name_retired', 'name_revoked'] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

/** Whose a name was when somebody began to wait for it. */
const NameOf = type({
  public_key: optional(UserKey),
  enrolled_at: Instant,
  /** Neither retired nor revoked. */
  live: boolean(),
});
export type NameOf = Infer<typeof NameOf>;

/** `enrolments` bucket, key = the public key: who waits for an admin, or was refused by one. */
export const PendingEnrolment = type({
  public_key: UserKey,
  pc_id: Id,
  /** `pending` or `denied`; whoever is approved is in `agents`. */
  state: string(),
  /** A WaitReason. */
  reason: string(),
  requested_at: Instant,
  token_id: Id,
  /** Left out when it was free. */
  name_of: optional(NameOf),
  /** What the token gives, for it may be gone when somebody decides. */
  groups: array(Id),
  ephemeral_days: optional(integer()),
  ledger_id: optional(Line),
  version: optional(Line),
  hostname: optional(Line),
  os: optional(Line),
  hardware: optional(Hardware),
  source_ip: optional(Line),
  decided_by: optional(string()),
  decided_at: optional(Instant),
});
export type PendingEnrolment = Infer<typeof PendingEnrolment>;

/** `revoked` bucket, key = the public key: it opens nothing any more, for good. */
export const Revoked = type({ public_key: UserKey, pc_id: Id, revoked_at: Instant, revoked_by: string() });
export type Revoked = Infer<typeof Revoked>;
