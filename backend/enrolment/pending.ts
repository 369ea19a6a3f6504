import { decode } from '#core/contract/codec.ts';
import { PendingEnrolment } from '#core/contract/enrolment.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import type { EnrolmentContext } from './context.ts';

/** Who waits under this key, or was denied, as the broker has it now. */
export async function storedPending(
  { nats }: Pick<EnrolmentContext, 'nats'>,
  key: string,
): Promise<{ pending: PendingEnrolment; revision: number } | undefined> {
  const stored = await kvGet(nats, 'enrolments', key);
  return stored && { pending: decode(PendingEnrolment, stored.value), revision: stored.revision };
}
