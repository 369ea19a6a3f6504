import { encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import { instant } from '#core/contract/time.ts';
import { lastOnSubject } from '#core/nats/direct-get.ts';
import { kvCompareAndSet } from '#core/nats/kv.ts';
import type { Durables } from '../agents/durables.ts';
import { settle } from '../agents/retire.ts';
import type { ExecContext } from '../exec/context.ts';
import { joinGroups } from './admit.ts';
import type { EnrolmentContext } from './context.ts';
import { type Found, storedEntry } from './registry.ts';
import { tell } from './say.ts';

export type RenameContext = EnrolmentContext & ExecContext & { durables: Durables };

/**
 * Gives a PC another name: it keeps its key and its groups, and gets a new entry. Its old name is left as a tombstone that leads to the
 * new one, and what was queued there is settled as for a retired PC: it was addressed to somebody who is no more. The PC learns of it
 * when it is refused under its old name, and asks. What broke off half way is completed by the same again.
 */
export async function rename(
  ctx: RenameContext,
  { pc, to, actor }: { pc: string; to: string; actor: string },
): Promise<{ settled: number; seq: number }> {
  const { turns } = ctx.enrolment;
  if (pc === to) throw new KanadeError('pc_id_taken', `${pc} has this name`);
  const [first, second] = [pc, to].sort() as [string, string];
  return turns.run(first, () => turns.run(second, () => renameOne(ctx, { pc, to, actor })));
}

async function renameOne(
  ctx: RenameContext,
  { pc, to, actor }: { pc: string; to: string; actor: string },
): Promise<{ settled: number; seq: number }> {
  const found = await storedEntry(ctx, pc);
  if (found === undefined) throw new KanadeError('not_found', `there is no PC ${pc}`);
  const { entry } = found;
  if (entry.renamed_to !== to) await moveName(ctx, found, to, actor);
  return settle(ctx, { pc, actor });
}

async function moveName(ctx: RenameContext, { entry, revision }: Found, to: string, actor: string): Promise<void> {
  const { nats, agents, clock } = ctx;
  const { pc_id: pc, public_key } = entry;
  if (entry.retired_at !== undefined) throw new KanadeError('pc_retired', `${pc} is retired`);
  if (entry.revoked_at !== undefined) throw new KanadeError('identity_revoked', `the identity of ${pc} was revoked`);
  if (public_key === undefined)
    throw new KanadeError('identity_unknown', `${pc} has no key yet by which it would be known under another name`);
  const now = instant(clock());
  const there = (await storedEntry(ctx, to))?.entry;
  if (there !== undefined && there.public_key !== public_key) {
    throw new KanadeError('pc_id_taken', `${to} is the name of ${there.retired_at === undefined ? 'another PC' : 'a retired PC'}`);
  }
  if (there === undefined) {
    await joinGroups(ctx, to, agents.groupsOf(pc));
    const next = renamed(entry, to, now);
    const last = await lastOnSubject(nats, 'KV_agents', `$KV.agents.${to}`);
    agents.accept(next, await kvCompareAndSet(nats, 'agents', to, encode(next), last?.revision ?? 0));
  }
  const { public_key: _key, former_keys: _keys, ...rest } = entry;
  const tombstone: AgentEntry = { ...rest, retired_at: now, renamed_to: to };
  agents.accept(tombstone, await kvCompareAndSet(nats, 'agents', pc, encode(tombstone), revision));
  await tell(ctx, pc, 'renamed', { detail: `${actor} has renamed it to ${to}` });
  await tell(ctx, to, 'renamed', { detail: `${actor} has renamed it: it was ${pc}` });
}

/** The PC under its new name: as if new, for nothing was ever addressed to it there, and with the key that it has. Pure. */
function renamed(entry: AgentEntry, to: string, now: string): AgentEntry {
  const { ledger_id: _ledger, earlier_ledger_ids: _earlier, renewed_at: _renewed, taken_over_at: _taken, ...kept } = entry;
  return { ...kept, pc_id: to, enrolled_at: now, first_seen: now };
}
