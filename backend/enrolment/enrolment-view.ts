import type { Hardware, PendingEnrolment, StoredEnrolmentToken } from '#core/contract/enrolment.ts';
import type { Refusal } from './refusals.ts';
import { faultOf } from './token-uses.ts';

/** A token as the API shows it: all but the secret, of which nobody has more than a hash. */
export interface TokenView {
  id: string;
  description: string | null;
  created_at: string;
  created_by: string;
  expires_at: string;
  /** null = any number. */
  uses_left: number | null;
  used: number;
  groups: string[];
  name_pattern: string | null;
  needs_approval: boolean;
  replace: boolean;
  ephemeral: { retire_after_days: number } | null;
  revoked_at: string | null;
  /** Whether a PC could enrol with it now. */
  usable: boolean;
  /** Of the CA that its text names; null = none. */
  ca_fingerprint: string | null;
  /** Whether the certificate that is shown is from another CA by now: who knows no more than the token believes nobody. */
  ca_outdated: boolean;
  /** PCs that came with it in vain, since the backend that answers began. */
  refused: Refusal[];
}

/** `ca`: fingerprint of the CA whose certificate is shown. */
export function tokenView(
  token: StoredEnrolmentToken,
  { now, ca, refused }: { now: number; ca: string | undefined; refused: Refusal[] },
): TokenView {
  return {
    id: token.id,
    description: token.description ?? null,
    created_at: token.created_at,
    created_by: token.created_by,
    expires_at: token.expires_at,
    uses_left: token.uses_left ?? null,
    used: token.used,
    groups: token.groups,
    name_pattern: token.name_pattern ?? null,
    needs_approval: token.needs_approval,
    replace: token.replace,
    ephemeral: token.ephemeral_days === undefined ? null : { retire_after_days: token.ephemeral_days },
    revoked_at: token.revoked_at ?? null,
    usable: faultOf(token, now) === undefined,
    ca_fingerprint: token.ca ?? null,
    ca_outdated: token.ca !== undefined && token.ca !== ca,
    refused,
  };
}

/** Who waits, as the API shows it: its id is its public key. */
export interface EnrolmentView {
  id: string;
  pc_id: string;
  state: string;
  reason: string;
  requested_at: string;
  token_id: string;
  groups: string[];
  hostname: string | null;
  os: string | null;
  version: string | null;
  hardware: Hardware | null;
  source_ip: string | null;
  decided_by: string | null;
  decided_at: string | null;
}

export function enrolmentView(pending: PendingEnrolment): EnrolmentView {
  return {
    id: pending.public_key,
    pc_id: pending.pc_id,
    state: pending.state,
    reason: pending.reason,
    requested_at: pending.requested_at,
    token_id: pending.token_id,
    groups: pending.groups,
    hostname: pending.hostname ?? null,
    os: pending.os ?? null,
    version: pending.version ?? null,
    hardware: pending.hardware ?? null,
    source_ip: pending.source_ip ?? null,
    decided_by: pending.decided_by ?? null,
    decided_at: pending.decided_at ?? null,
  };
}
