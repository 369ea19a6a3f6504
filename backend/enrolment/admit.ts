import { encode } from '#core/contract/codec.ts';
import type { EnrolRequest, StoredEnrolmentToken } from '#core/contract/enrolment.ts';
import { foldGroup } from '#core/contract/ids.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import { instant } from '#core/contract/time.ts';
import { lastOnSubject } from '#core/nats/direct-get.ts';
import { kvCompareAndSet } from '#core/nats/kv.ts';
import { reenrolled } from '../agents/decide-enrolment.ts';
import { getGroups } from '../agents/groups.ts';
import type { EnrolmentContext } from './context.ts';
import type { Found } from './registry.ts';
import { revokeNow } from './revoke-now.ts';
import { tell } from './say.ts';

/** Who comes in, and what its token gives it. */
export interface Newcomer extends Pick<EnrolRequest, 'public_key' | 'ledger_id' | 'hostname' | 'os' | 'version' | 'hardware'> {
  pc_id: string;
  token_id: string;
  terms: Pick<StoredEnrolmentToken, 'groups' | 'ephemeral_days'>;
}

/** Keys, and times it became another's, that are remembered of one name. */
const FORMER_MAX = 8;

/** The entry of a PC that comes in with this key, over the one that its name had. Pure. */
export function admitted(entry: AgentEntry | undefined, who: Newcomer, now: string): AgentEntry {
  const { pc_id, public_key, ledger_id, hostname, os, version, hardware, token_id, terms } = who;
  const said = Object.fromEntries(Object.entries({ hostname, os, version, hardware }).filter(([, value]) => value !== undefined));
  const mine = {
    ...said,
    public_key,
    token_id,
    renewed_at: now,
    ...(terms.ephemeral_days === undefined ? {} : { ephemeral_days: terms.ephemeral_days }),
  };
  if (entry === undefined) {
    return { pc_id, enrolled_at: now, first_seen: now, last_seen: now, ...(ledger_id === undefined ? {} : { ledger_id }), ...mine };
  }
  const { retired_at: _a, retired_by: _b, renamed_to: _c, revoked_at: _d, ephemeral_days: _e, hardware: _f, ...before } = entry;
  const former = [...(entry.former_keys ?? []), ...(entry.public_key === undefined ? [] : [entry.public_key])];
  const keys = former.filter((key) => key !== public_key).slice(-FORMER_MAX);
  // Known from open mode, with the data folder it had then: what waits for it is for it.
  const same = entry.public_key === undefined && entry.retired_at === undefined && ledger_id !== undefined && ledger_id === entry.ledger_id;
  const another = !same && entry.public_key !== public_key;
  return {
    ...(same ? before : reenrolled(before, ledger_id, now)),
    ...mine,
    ...(keys.length === 0 ? {} : { former_keys: keys }),
    ...(another ? { taken_over_at: [...(entry.taken_over_at ?? []), now].slice(-FORMER_MAX) } : {}),
  };
}

/**
 * Writes the PC into the registry, which is what makes it one; a key that it had before opens nothing from now on. Rejects with
 * `precondition_failed` when the entry was changed meanwhile.
 */
export async function admit(ctx: EnrolmentContext, found: Found | undefined, who: Newcomer): Promise<AgentEntry> {
  const { nats, agents, clock } = ctx;
  const entry = admitted(found?.entry, who, instant(clock()));
  // Before the PC is one: it must not be without its groups for a moment.
  await joinGroups(ctx, who.pc_id, who.terms.groups);
  const revision = found?.revision ?? (await lastOnSubject(nats, 'KV_agents', `$KV.agents.${who.pc_id}`))?.revision ?? 0;
  agents.accept(entry, await kvCompareAndSet(nats, 'agents', who.pc_id, encode(entry), revision));
  agents.setConflict(who.pc_id, false);
  const old = found?.entry.public_key;
  if (old !== undefined && old !== who.public_key) await revokeNow(ctx, who.pc_id, old, `its successor ${who.public_key}`);
  // Its place in the queue was another ledger's.
  if (found !== undefined && entry.enrolled_at !== found.entry.enrolled_at) await ctx.durables.drop(who.pc_id);
  await tell(ctx, who.pc_id, 'enrolled', { detail: `${describe(found, entry)} with the enrolment token ${who.token_id}` });
  return entry;
}

/** Before it is one, or while it is: what it has it keeps. */
export async function joinGroups(ctx: EnrolmentContext, pc: string, groups: readonly string[]): Promise<void> {
  if (groups.length === 0) return;
  const before = await getGroups(ctx, pc);
  const has = new Set(before.groups.map(foldGroup));
  const missing = groups.filter((group) => !has.has(foldGroup(group)));
  if (missing.length === 0) return;
  const all = [...before.groups, ...missing].sort();
  await kvCompareAndSet(ctx.nats, 'agent_groups', pc, encode({ groups: all }), before.revision);
  ctx.agents.acceptGroups(pc, all);
}

function describe(found: Found | undefined, entry: AgentEntry): string {
  if (found === undefined) return `enrolled at ${entry.enrolled_at}`;
  if (found.entry.public_key === undefined) return 'known from before, now with a key of its own: enrolled';
  return `took its name over with another key at ${entry.enrolled_at}, and nothing issued before runs there: enrolled`;
}
