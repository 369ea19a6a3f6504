import { blobName, lockBlob, openBlob } from '#core/contract/blob.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { isJetStreamError, type Nats, STREAM_FULL } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvPut } from '#core/nats/kv.ts';

/** Stores bytes, anew even when they are there: what is in use stays young. Their hash, by which they are found. `exec_full` when there is no room. */
export async function putBlob(nats: Nats, bytes: Uint8Array): Promise<string> {
  const { digest, name, locked } = lockBlob(bytes);
  try {
    await kvPut(nats, 'blobs', name, locked);
  } catch (error) {
    if (isJetStreamError(error, STREAM_FULL)) throw new KanadeError('exec_full', 'the store of script bodies is full', { cause: error });
    throw error;
  }
  return digest;
}

/** The bytes with that hash. */
export async function getBlob(nats: Nats, hash: string): Promise<Uint8Array> {
  const found = await kvGet(nats, 'blobs', blobName(hash));
  if (found === undefined) throw new KanadeError('not_found', `blob ${hash} is not there`);
  const bytes = openBlob(hash, found.value);
  if (bytes === undefined) throw new KanadeError('bad_message', `blob ${hash} holds other bytes than its name says`);
  return bytes;
}
