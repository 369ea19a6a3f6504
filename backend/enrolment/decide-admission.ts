import type { StoredEnrolmentToken, WaitReason } from '#core/contract/enrolment.ts';
import type { AgentEntry } from '#core/contract/registry.ts';

export type Admission =
  /** `new`: the name was free. `adopt`: the PC is known from open mode and has no key. `replace`: it is imaged anew. */
  { kind: 'admit'; how: 'new' | 'adopt' | 'replace' } | { kind: 'wait'; reason: WaitReason };

/** What becomes of a key that comes with a good token under a name whose entry, if there is one, has not this key. Pure. */
export function decideAdmission(
  token: Pick<StoredEnrolmentToken, 'needs_approval' | 'replace' | 'ephemeral_days'>,
  entry: AgentEntry | undefined,
): Admission {
  if (token.needs_approval) return { kind: 'wait', reason: 'needs_approval' };
  if (entry === undefined) return { kind: 'admit', how: 'new' };
  // Also when it was retired afterwards: for a key that is in other hands its silence says nothing.
  if (entry.revoked_at !== undefined) return { kind: 'wait', reason: 'name_revoked' };
  if (entry.retired_at !== undefined) {
    // Nobody retired that one: such PCs come and go under the same names, and the token says that these are such.
    const passing = entry.retired_by === 'ephemeral' && token.ephemeral_days !== undefined && token.replace;
    return passing ? { kind: 'admit', how: 'replace' } : { kind: 'wait', reason: 'name_retired' };
  }
  if (entry.public_key === undefined) return { kind: 'admit', how: 'adopt' };
  return token.replace ? { kind: 'admit', how: 'replace' } : { kind: 'wait', reason: 'name_taken' };
}
