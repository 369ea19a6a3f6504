import { cancelledKey } from '#core/contract/control.ts';
import { lastToken } from '#core/contract/subjects.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { subjectsOf } from '#core/nats/jetstream.ts';

/** Whom an execution is cancelled for, by the entries that keep PCs from running it: all, or these. */
export async function cancelledPcs(nats: Nats, execId: string): Promise<'all' | ReadonlySet<string>> {
  const [whole, some] = await Promise.all([
    kvGet(nats, 'cancelled', cancelledKey(execId)),
    subjectsOf(nats, 'KV_cancelled', `$KV.cancelled.${cancelledKey(execId, '*')}`),
  ]);
  return whole ? 'all' : new Set(some.map(lastToken));
}
