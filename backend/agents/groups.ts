import { decode, encode } from '#core/contract/codec.ts';
import { type Fault, KanadeError } from '#core/contract/errors.ts';
import { foldGroup } from '#core/contract/ids.ts';
import { AgentGroups } from '#core/contract/registry.ts';
import type { Nats } from '#core/nats/connection.ts';
import { lastOnSubject } from '#core/nats/direct-get.ts';
import { kvCompareAndSet } from '#core/nats/kv.ts';
import type { Agents } from './agents.ts';

export interface GroupsContext {
  nats: Nats;
  agents: Agents;
}

/** The groups of a PC with the revision to change them by; revision 0 = never set. What a retired PC was in is deleted, which is a revision too. */
export async function getGroups({ nats }: GroupsContext, pc: string): Promise<{ groups: string[]; revision: number }> {
  const found = await lastOnSubject(nats, 'KV_agent_groups', `$KV.agent_groups.${pc}`);
  if (found === undefined) return { groups: [], revision: 0 };
  if (found.fault !== undefined) throw found.fault;
  return { groups: found.deleted ? [] : decode(AgentGroups, found.value).groups, revision: found.revision };
}

/**
 * Sorted, each once. `invalid_body` names every second spelling of a name, for which one is meant to stay cannot be told, and every
 * dynamic group.
 */
export function groupSet(groups: readonly string[], isDynamic: (group: string) => boolean = () => false): string[] {
  const spelt = new Map<string, string>();
  const faults = groups.flatMap((group, i): Fault[] => {
    const fault = (message: string): Fault[] => [{ pointer: `/groups/${i}`, code: 'invalid_body', message: `${group} is ${message}` }];
    const first = spelt.get(foldGroup(group)) ?? group;
    spelt.set(foldGroup(group), first);
    if (isDynamic(group)) return fault('a dynamic group: its query says who is in it');
    return first === group ? [] : fault(`${first} in another spelling`);
  });
  if (faults.length > 0) throw new KanadeError('invalid_body', faults.map((f) => `${f.pointer}: ${f.message}`).join('; '), { faults });
  return [...spelt.values()].sort();
}

/**
 * Sets the groups of a PC, as `groupSet` gives them. With `revision`, only if they are still those of that revision. The PC
 * hears of it by a sync once the lease holder has widened its durable (lease/duties.ts).
 */
export async function putGroups(
  ctx: GroupsContext,
  pc: string,
  groups: readonly string[],
  revision?: number,
): Promise<{ revision: number }> {
  if (!ctx.agents.enrolled().has(pc)) throw new KanadeError('not_found', `no PC named ${pc} is enrolled`);
  const expected = revision ?? (await lastOnSubject(ctx.nats, 'KV_agent_groups', `$KV.agent_groups.${pc}`))?.revision ?? 0;
  const written = await kvCompareAndSet(ctx.nats, 'agent_groups', pc, encode({ groups }), expected);
  ctx.agents.acceptGroups(pc, groups);
  return { revision: written };
}
