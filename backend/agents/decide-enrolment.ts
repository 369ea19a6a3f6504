import type { AgentEntry } from '#core/contract/registry.ts';

export type EnrolmentDecision =
  /** Nothing to do. */
  | { kind: 'known' }
  | { kind: 'enrol' }
  /** Another ledger than the one enrolled: who else answers under this id has to be asked first. */
  | { kind: 'ask' }
  /** Its first ledger, which its key vouches for. */
  | { kind: 'adopt' }
  /** A ledger that was replaced has come back: two PCs take turns under one id. */
  | { kind: 'conflict' }
  | { kind: 'retired' };

/** What a heartbeat with this ledger means for the registry (design section 4 "Ledger"). Pure. */
export function decideEnrolment(entry: AgentEntry | undefined, ledgerId: string | undefined): EnrolmentDecision {
  if (entry === undefined) return { kind: 'enrol' };
  if (entry.retired_at !== undefined) return { kind: 'retired' };
  if (ledgerId === undefined || ledgerId === entry.ledger_id) return { kind: 'known' };
  if (entry.ledger_id === undefined) return { kind: entry.public_key === undefined ? 'ask' : 'adopt' };
  return entry.earlier_ledger_ids?.includes(ledgerId) ? { kind: 'conflict' } : { kind: 'ask' };
}

/** Of the ledgers that answered a ping: is the enrolled one still alive beside the newcomer? */
export function isAlive(entry: AgentEntry, answered: readonly (string | undefined)[]): boolean {
  return entry.ledger_id !== undefined && answered.includes(entry.ledger_id);
}

/** The entry of a PC that was enrolled before under another ledger: as if new, but with its history. */
export function reenrolled(entry: AgentEntry, ledgerId: string | undefined, now: string): AgentEntry {
  const earlier = [...(entry.earlier_ledger_ids ?? []), ...(entry.ledger_id === undefined ? [] : [entry.ledger_id])].slice(-8);
  const { ledger_id: _, ...rest } = entry;
  return {
    ...rest,
    ...(ledgerId === undefined ? {} : { ledger_id: ledgerId }),
    earlier_ledger_ids: earlier,
    enrolled_at: now,
    last_seen: now,
  };
}
