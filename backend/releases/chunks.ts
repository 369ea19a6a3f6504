import { open } from 'node:fs/promises';
import { KanadeError } from '#core/contract/errors.ts';
import { RELEASE_CHUNK, STREAMS } from '#core/contract/streams.ts';
import { subjects } from '#core/contract/subjects.ts';
import { isJetStreamError, type Nats, STREAM_FULL } from '#core/nats/connection.ts';
import { directGet } from '#core/nats/direct-get.ts';
import { lastMessage } from '#core/nats/jetstream.ts';

/** Chunks on their way at once: 1 MiB, however long the file. */
const AT_ONCE = 4;

/** A file in the stream RELEASES: chunk by chunk, so that all backends have it and none holds it in memory. */
export async function storeChunks(nats: Nats, sha256: string, path: string, signal: AbortSignal): Promise<void> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const store = async (n: number) => {
    const chunk = Buffer.alloc(Math.min(RELEASE_CHUNK, size - n * RELEASE_CHUNK));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, n * RELEASE_CHUNK);
    if (bytesRead < chunk.length) throw new Error(`${path} became shorter`);
    await nats.publishStored(subjects.release(sha256, n), chunk);
  };
  try {
    for await (const _ of inOrder(countOf(size), store, signal));
  } catch (error) {
    if (isJetStreamError(error, STREAM_FULL))
      throw new KanadeError('releases_full', 'the store of releases is full: remove one that no PC is to take', { cause: error });
    throw error;
  }
}

/** The bytes of a file, unchecked. Rejects with `not_found` when the stream has not all of it. */
export function readChunks(nats: Nats, sha256: string, size: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const read = async (n: number) => {
    const subject = subjects.release(sha256, n);
    // A copy of the stream that has just been stored may not have it yet; its leader does.
    const found =
      (await directGet(nats, STREAMS.RELEASES.name, subject))?.value ?? (await lastMessage(nats, STREAMS.RELEASES.name, subject))?.data;
    if (found === undefined) throw new KanadeError('not_found', `the broker has not all of the file ${sha256}: add its release again`);
    return found;
  };
  return inOrder(countOf(size), read, signal);
}

/** An empty file is one empty chunk. */
function countOf(size: number): number {
  return Math.max(1, Math.ceil(size / RELEASE_CHUNK));
}

/** What `act` gives for 0 to `count` - 1, in that order, with a few under way at once. */
async function* inOrder<T>(count: number, act: (n: number) => Promise<T>, signal: AbortSignal): AsyncGenerator<T> {
  const underWay: Promise<T>[] = [];
  try {
    for (let n = 0; n < count || underWay.length > 0; ) {
      signal.throwIfAborted();
      while (n < count && underWay.length < AT_ONCE) underWay.push(act(n++));
      yield await underWay.shift()!;
    }
  } finally {
    // Whoever reads no further hears of no failure either; what they use is not closed before they end.
    await Promise.allSettled(underWay);
  }
}
