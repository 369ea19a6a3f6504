import { encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { foldGroup } from '#core/contract/ids.ts';
import type { DynamicGroup } from '#core/contract/registry.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvRevision, lastOnSubject } from '#core/nats/direct-get.ts';
import { kvCompareAndSet, kvDelete } from '#core/nats/kv.ts';

export interface GroupStoreContext {
  nats: Nats;
  clock: () => number;
}

/** The revision a dynamic group is at, whether or not it can be read; 0 = there is none. */
export async function groupRevision({ nats }: Pick<GroupStoreContext, 'nats'>, group: string): Promise<number> {
  return kvRevision(nats, 'dynamic_groups', foldGroup(group));
}

/** Stores a dynamic group. `expected` is the revision it must be at (0 = nothing there), undefined = whatever. */
export async function putGroup(
  { nats, clock }: GroupStoreContext,
  o: { group: string; query: string[]; description: string | undefined; actor: string; expected: number | undefined },
): Promise<{ revision: number; created: boolean }> {
  const { group, query, description, actor, expected } = o;
  const key = foldGroup(group);
  const before = await lastOnSubject(nats, 'KV_dynamic_groups', `$KV.dynamic_groups.${key}`);
  const there = before !== undefined && !before.deleted;
  if (expected !== undefined && expected !== (there ? before.revision : 0))
    throw new KanadeError('precondition_failed', `group ${group} was changed meanwhile`);
  const entry: DynamicGroup = {
    group,
    query,
    ...(description === undefined ? {} : { description }),
    updated_at: instant(clock()),
    updated_by: actor,
  };
  const revision = await kvCompareAndSet(nats, 'dynamic_groups', key, encode(entry), before?.revision ?? 0);
  return { revision, created: !there };
}

/** Gives the revision of the deletion. */
export async function deleteGroup({ nats }: Pick<GroupStoreContext, 'nats'>, group: string, expected: number): Promise<number> {
  return kvDelete(nats, 'dynamic_groups', foldGroup(group), expected);
}
