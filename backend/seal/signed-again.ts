import { SEAL_HEADERS } from '#core/contract/seal.ts';
import { isSealedBucket, KV_OPERATION } from '#core/contract/sealed.ts';
import { BUCKETS, type BucketName } from '#core/contract/streams.ts';
import { isJetStreamError, type Nats, WRONG_LAST_SEQUENCE } from '#core/nats/connection.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import type { JsMessage } from '#core/nats/js-message.ts';
import { readStream } from '#core/nats/read-stream.ts';

const AT_ONCE = 64;
const OURS = /^commands\.(?:all|pc\.[^.]+)\.[^.]+$/;

/** Which of what is there is to be said again by the key that seals now. */
export type Which = (message: JsMessage) => boolean;

/** Every bucket that is sealed. */
export const SEALED_BUCKETS = (Object.keys(BUCKETS) as BucketName[]).filter(isSealedBucket);

/** The last word on each key of a bucket, deletions too. */
export async function* bucketMessages(nats: Nats, bucket: BucketName, signal: AbortSignal): AsyncGenerator<JsMessage[], void, void> {
  const prefix = `$KV.${bucket}.`;
  const filter = { filter_subject: `${prefix}>`, deliver_policy: 'last_per_subject' } as const;
  // A broker may deliver what is another bucket's.
  for await (const messages of readStream(nats, `KV_${bucket}`, filter, signal))
    yield messages.filter(({ subject }) => subject.startsWith(prefix));
}

/** The commands that wait. The seeds' forms stay as they are: nobody but the seeds' senders is behind them. */
export async function* waitingCommands(nats: Nats, signal: AbortSignal): AsyncGenerator<JsMessage[], void, void> {
  const filter = { filter_subjects: ['commands.all.*', 'commands.pc.*.*'], deliver_policy: 'last_per_subject' as const };
  for await (const messages of readStream(nats, 'EXEC', filter, signal)) yield messages.filter(({ subject }) => OURS.test(subject));
}

/** Says the chosen ones again, deletions too, unless somebody changes them meanwhile; how many. */
export async function sayAgain(nats: Nats, all: AsyncIterable<JsMessage[]>, which: Which): Promise<number> {
  let done = 0;
  for await (const messages of all) {
    await inParallel(messages.filter(which), AT_ONCE, async (message) => {
      const { subject, data, seq } = message;
      const operation = message.header(KV_OPERATION);
      try {
        await nats.publishStored(subject, data, {
          lastSubjectSequence: seq,
          ...(operation === undefined ? {} : { headers: { [KV_OPERATION]: operation } }),
        });
        done++;
      } catch (error) {
        // Changed or purged since: what is there now was said by somebody who has a key.
        if (!isJetStreamError(error, WRONG_LAST_SEQUENCE)) throw error;
      }
    });
  }
  return done;
}

/** Whose seal it has, genuine or not. */
export function keyOf(message: Pick<JsMessage, 'header'>): string | undefined {
  return message.header(SEAL_HEADERS.key);
}
