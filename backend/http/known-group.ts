import { KanadeError } from '#core/contract/errors.ts';
import type { HttpContext } from './context.ts';

/**
 * The PCs of a group that is asked for; `not_found` when no PC was put into such a group and no query defines one, for a list of
 * nobody would not tell a misspelt name. Throws what `DynamicMembers` throws.
 */
export function membersOfKnown({ agents, dynamicGroups }: Pick<HttpContext, 'agents' | 'dynamicGroups'>, group: string): string[] {
  const members = agents.members(group);
  if (members.length === 0 && !dynamicGroups.has(group)) throw noSuchGroup(group);
  return members;
}

export function noSuchGroup(group: string): KanadeError {
  return new KanadeError('not_found', `there is no group ${group}`);
}
