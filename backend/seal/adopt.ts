import { array, type Infer, string, type } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { ADOPTED_PREFIX } from '#core/contract/command-key.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { Instant, instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvPut } from '#core/nats/kv.ts';
import { readStream } from '#core/nats/read-stream.ts';
import type { SealedMessage } from '#core/nats/seal.ts';
import { getBlob, putBlob } from '../blobs/blobs.ts';
import { adoptedDigest } from './believes.ts';
import type { CommandKeys } from './command-keys.ts';
import { bucketMessages, keyOf, SEALED_BUCKETS, sayAgain, type Which, waitingCommands } from './signed-again.ts';

/** `command_keys` bucket, `adopted_<time>`: the history of executions that was there before there was a key, as lists of digests in `blobs`. */
const AdoptedEntry = type({ at: Instant, lists: array(string()) });
type AdoptedEntry = Infer<typeof AdoptedEntry>;

/** Digests of one list: it has to fit a message. */
const LIST_MAX = 10_000;

export interface Adopted {
  values: number;
  commands: number;
  executions: number;
  /** How many of the values, by bucket, had the seal of a key that was retired before: nobody of ours has put those there since. */
  by_retired: Record<string, number>;
}

/**
 * Vouches for all that the broker holds, whoever put it there: what was said before there was a key, or by one that was
 * lost. Once, at the start that makes the key. A stream cannot be changed, so of its history it is written down what it is.
 */
export async function adopt({ nats, keys, clock }: AdoptContext, signal: AbortSignal): Promise<Adopted> {
  const done: Adopted = { values: 0, commands: 0, executions: 0, by_retired: {} };
  const { sealingId, retiredBefore } = keys;
  const live = new Set(keys.list().flatMap(({ id, own, state }) => (!own && state !== 'retired' ? [id] : [])));
  const lacks =
    (kind: 'value' | 'command'): Which =>
    (message) => {
      const by = keyOf(message) ?? '';
      return !(by === sealingId || live.has(by)) || !keys.believes(message, kind);
    };
  const isOld = (message: Pick<SealedMessage, 'header'>) => retiredBefore.has(keyOf(message) ?? '');
  for (const bucket of SEALED_BUCKETS) {
    if (bucket === 'command_keys') continue;
    let old = 0;
    const which: Which = (message) => {
      const lacking = lacks('value')(message);
      if (lacking && isOld(message)) old++;
      return lacking;
    };
    done.values += await sayAgain(nats, bucketMessages(nats, bucket, signal), which);
    if (old > 0) done.by_retired[bucket] = old;
  }
  // What such a key has said of those that wait was said again while it counted, or has been withheld since for somebody to run it now.
  const waits: Which = (message) => lacks('command')(message) && !isOld(message);
  done.commands = await sayAgain(nats, waitingCommands(nats, signal), waits);

  const digests: string[] = [];
  const history = readStream(nats, 'EXECUTIONS', { filter_subject: 'executions.>', deliver_policy: 'all' }, signal);
  for await (const messages of history) {
    for (const message of messages) if (!keys.believes(message, 'execution')) digests.push(adoptedDigest(message.subject, message.data));
  }
  done.executions = digests.length;
  if (digests.length > 0) {
    const lists: string[] = [];
    for (let at = 0; at < digests.length; at += LIST_MAX) lists.push(await putBlob(nats, encode(digests.slice(at, at + LIST_MAX))));
    // A key of a bucket is one token.
    const now = Math.floor(clock());
    await kvPut(nats, 'command_keys', `${ADOPTED_PREFIX}${now}`, encode({ at: instant(now), lists } satisfies AdoptedEntry));
    keys.adopt(digests);
  }
  return done;
}

export interface AdoptContext {
  nats: Nats;
  keys: CommandKeys;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/** The digests that such an entry names; those whose list is gone are of history that is gone as well. */
export async function adoptedIn(nats: Nats, value: Uint8Array): Promise<string[]> {
  const found: string[] = [];
  for (const hash of decode(AdoptedEntry, value).lists) {
    try {
      found.push(...decode(array(string()), await getBlob(nats, hash)));
    } catch (error) {
      if (!(error instanceof KanadeError && error.code === 'not_found')) throw error;
    }
  }
  return found;
}
