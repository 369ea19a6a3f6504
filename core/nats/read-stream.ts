import type { Nats } from './connection.ts';
import { type ConsumerConfig, createConsumer, deleteConsumer } from './jetstream.ts';
import type { JsMessage } from './js-message.ts';
import { drain } from './pull.ts';

/** Few enough that a batch of the longest messages is not hundreds of megabytes. */
const BATCH = 128;

/** Everything a stream holds at this moment, or from a sequence on, once, in its order. */
export async function* readStream(
  nats: Nats,
  stream: string,
  what: Pick<ConsumerConfig, 'filter_subject' | 'filter_subjects' | 'opt_start_seq' | 'headers_only'> & {
    deliver_policy: 'all' | 'last_per_subject' | 'by_start_sequence';
  },
  signal: AbortSignal,
): AsyncGenerator<JsMessage[], void, void> {
  const name = `read_${crypto.randomUUID().replaceAll('-', '')}`;
  await createConsumer(nats, stream, {
    ...what,
    name,
    ack_policy: 'none',
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: 60e9,
  });
  try {
    yield* drain(nats, stream, name, { batch: BATCH, signal });
  } finally {
    // It goes by itself after a minute; when the broker is away there is nobody to tell.
    await deleteConsumer(nats, stream, name).catch(() => {});
  }
}
