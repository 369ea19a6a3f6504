import { decode } from '#core/contract/codec.ts';
import { PendingEnrolment } from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvDelete } from '#core/nats/kv.ts';
import type { EnrolmentContext } from './context.ts';

/** Who waits under this key, or was denied, as the broker has it now. */
export async function storedPending(
  { nats }: Pick<EnrolmentContext, 'nats'>,
  key: string,
): Promise<{ pending: PendingEnrolment; revision: number } | undefined> {
  const stored = await kvGet(nats, 'enrolments', key);
  return stored && { pending: decode(PendingEnrolment, stored.value), revision: stored.revision };
}

/** How many wait. Those that were denied are decided on: they keep nobody out. */
export function waitingCount(ctx: Pick<EnrolmentContext, 'enrolment'>): number {
  return [...readable(ctx)].reduce((count, { pending }) => (pending.state === 'pending' ? count + 1 : count), 0);
}

/** Whoever waits by this token waits no longer; how many those were. What was denied stays so. */
export async function dropWaiting(ctx: Pick<EnrolmentContext, 'nats' | 'enrolment'>, tokenId: string): Promise<number> {
  let dropped = 0;
  for (const { key, pending, revision } of [...readable(ctx)]) {
    if (pending.token_id !== tokenId || pending.state !== 'pending') continue;
    try {
      await kvDelete(ctx.nats, 'enrolments', key, revision);
      dropped += 1;
    } catch (error) {
      // Somebody has just decided on it.
      if (!(error instanceof KanadeError && error.code === 'precondition_failed')) throw error;
    }
  }
  return dropped;
}

/** All that wait or were denied, but those that cannot be read. */
export function* readable({
  enrolment,
}: Pick<EnrolmentContext, 'enrolment'>): Generator<{ key: string; pending: PendingEnrolment; revision: number }> {
  for (const key of enrolment.pending.keys()) {
    const entry = enrolment.pending.get(key);
    if (entry !== undefined && 'value' in entry) yield { key, pending: entry.value, revision: entry.revision };
  }
}
