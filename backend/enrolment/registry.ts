import { decode } from '#core/contract/codec.ts';
import { AgentEntry } from '#core/contract/registry.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import type { EnrolmentContext } from './context.ts';

export interface Found {
  entry: AgentEntry;
  revision: number;
}

/** A PC's entry as the broker has it now. */
export async function storedEntry({ nats }: Pick<EnrolmentContext, 'nats'>, pc: string): Promise<Found | undefined> {
  const stored = await kvGet(nats, 'agents', pc);
  return stored && { entry: decode(AgentEntry, stored.value), revision: stored.revision };
}

/** Names that are followed from one to the next. */
const RENAMED_AT_MOST = 8;

/**
 * The PC that has this key, as the broker has it now. `named` is who has the name that the PC gives itself: most often that is it. Else
 * this backend's mirror says which one, and what it may not have heard of yet is found under what the name was changed to.
 */
export async function entryOfKey(
  ctx: Pick<EnrolmentContext, 'nats' | 'agents'>,
  key: string,
  named: Found | undefined,
): Promise<Found | undefined> {
  if (named?.entry.public_key === key) return named;
  const known = ctx.agents.pcOfKey(key);
  const mirrored = known === undefined ? undefined : await storedEntry(ctx, known);
  if (mirrored?.entry.public_key === key) return mirrored;
  let name = named?.entry.renamed_to;
  for (let i = 0; i < RENAMED_AT_MOST && name !== undefined; i++) {
    const found: Found | undefined = await storedEntry(ctx, name);
    if (found?.entry.public_key === key) return found;
    name = found?.entry.renamed_to;
  }
  return undefined;
}
