import type { NameOf, PendingEnrolment } from '#core/contract/enrolment.ts';
import type { AgentEntry } from '#core/contract/registry.ts';

/** Whose a name is, to tell later whether it is still the same. Pure. */
export function nameOf({ public_key, enrolled_at, retired_at, revoked_at }: AgentEntry): NameOf {
  return { ...(public_key === undefined ? {} : { public_key }), enrolled_at, live: retired_at === undefined && revoked_at === undefined };
}

/**
 * Whether letting in who waits takes its name from a PC that an admin who reads the list does not see there: it was free, another's, or
 * nobody's any more when the wait began. Pure.
 */
export function takesAnothers({ reason, name_of: before }: Pick<PendingEnrolment, 'reason' | 'name_of'>, entry: AgentEntry): boolean {
  if (reason === 'needs_approval' || before === undefined) return true;
  const now = nameOf(entry);
  return now.public_key !== before.public_key || now.enrolled_at !== before.enrolled_at || (now.live && !before.live);
}
