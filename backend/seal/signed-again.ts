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

/** Says the chosen entries of a bucket again, deletions too, unless somebody changes them meanwhile; how many. */
export function sealBucketAgain(nats: Nats, bucket: BucketName, which: Which, signal: AbortSignal): Promise<number> {
  const prefix = `$KV.${bucket}.`;
  const here: Which = (message) => message.subject.startsWith(prefix) && which(message);
  return sealAgain(nats, `KV_${bucket}`, { filter_subject: `${prefix}>` }, here, signal);
}

/** The same for the commands that wait. The seeds' forms stay as they are: nobody but the seeds' senders is behind them. */
export function sealCommandsAgain(nats: Nats, which: Which, signal: AbortSignal): Promise<number> {
  const here: Which = (message) => OURS.test(message.subject) && which(message);
  return sealAgain(nats, 'EXEC', { filter_subjects: ['commands.all.*', 'commands.pc.*.*'] }, here, signal);
}

async function sealAgain(
  nats: Nats,
  stream: string,
  filter: { filter_subject: string } | { filter_subjects: string[] },
  which: Which,
  signal: AbortSignal,
): Promise<number> {
  let done = 0;
  for await (const messages of readStream(nats, stream, { ...filter, deliver_policy: 'last_per_subject' }, signal)) {
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
