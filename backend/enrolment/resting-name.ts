import { KanadeError } from '#core/contract/errors.ts';
import type { AgentEntry } from '#core/contract/registry.ts';

/** Milliseconds: what a PC was issued under its old name has run out by then (30 days), whenever it was renewed last. */
const RESTS = 31 * 86_400_000;

/** Throws `pc_id_taken` for a name whose former PC goes on under another and might still speak under this one. */
export function refuseWhileResting({ pc_id, renamed_to, retired_at }: AgentEntry, now: number): void {
  if (renamed_to === undefined || retired_at === undefined) return;
  const until = Date.parse(retired_at) + RESTS;
  if (now >= until) return;
  const when = new Date(until).toISOString();
  throw new KanadeError(
    'pc_id_taken',
    `${pc_id} was renamed to ${renamed_to}, and may use its old name until ${when}: nobody else can have it before`,
  );
}
