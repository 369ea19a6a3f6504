import { decode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { AgentEntry } from '#core/contract/registry.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvDelete } from '#core/nats/kv.ts';
import type { Agents } from './agents.ts';

/**
 * Takes the tombstone of a retired PC away, so that its next heartbeat enrols it as if it had never been there: what was
 * sent before that is not for it. Rejects with `not_found`, and with `not_retired` for a PC that is enrolled.
 */
export async function readmit({ nats, agents }: { nats: Nats; agents: Agents }, pc: string): Promise<void> {
  const stored = await kvGet(nats, 'agents', pc);
  if (stored === undefined) throw new KanadeError('not_found', `there is no PC ${pc}`);
  if (decode(AgentEntry, stored.value).retired_at === undefined) throw new KanadeError('not_retired', `${pc} is enrolled and not retired`);
  await kvDelete(nats, 'agents', pc, stored.revision);
  agents.forget(pc);
}
