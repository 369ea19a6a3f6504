import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { checkId } from '#core/contract/ids.ts';
import { AgentGroups } from '#core/contract/registry.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet, lastOnSubject } from '#core/nats/direct-get.ts';
import { kvCompareAndSet } from '#core/nats/kv.ts';
import type { Agents } from './agents.ts';

export interface GroupsContext {
  nats: Nats;
  agents: Agents;
}

/** The groups of a PC with the revision to change them by; revision 0 = never set. */
export async function getGroups({ nats }: GroupsContext, pc: string): Promise<{ groups: string[]; revision: number }> {
  const found = await kvGet(nats, 'agent_groups', pc);
  return found ? { groups: decode(AgentGroups, found.value).groups, revision: found.revision } : { groups: [], revision: 0 };
}

/**
 * Sets the groups of a PC, sorted, each once. With `revision`, only if they are still those of that revision. The PC
 * hears of it by a sync once the lease holder has widened its durable (lease/duties.ts).
 */
export async function putGroups(
  ctx: GroupsContext,
  pc: string,
  groups: readonly string[],
  revision?: number,
): Promise<{ revision: number }> {
  if (!ctx.agents.enrolled().has(pc)) throw new KanadeError('not_found', `no PC named ${pc} is enrolled`);
  const set = [...new Set(groups.map((group) => checkId('group', group)))].sort();
  const expected = revision ?? (await lastOnSubject(ctx.nats, 'KV_agent_groups', `$KV.agent_groups.${pc}`))?.revision ?? 0;
  const written = await kvCompareAndSet(ctx.nats, 'agent_groups', pc, encode({ groups: set }), expected);
  ctx.agents.acceptGroups(pc, set);
  return { revision: written };
}
