import { KanadeError } from '#core/contract/errors.ts';
import { sha256 } from '#core/contract/ids.ts';
import { isJetStreamError, type Nats, STREAM_FULL } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvPut } from '#core/nats/kv.ts';

/** Stores bytes under their hash, anew even when they are there: what is in use stays young. `exec_full` when there is no room. */
export async function putBlob(nats: Nats, bytes: Uint8Array): Promise<string> {
  const hash = sha256(bytes);
  try {
    await kvPut(nats, 'blobs', hash, bytes);
  } catch (error) {
    if (isJetStreamError(error, STREAM_FULL)) throw new KanadeError('exec_full', 'the store of script bodies is full', { cause: error });
    throw error;
  }
  return hash;
}

/** The bytes under a hash, checked against it. */
export async function getBlob(nats: Nats, hash: string): Promise<Uint8Array> {
  const found = await kvGet(nats, 'blobs', hash);
  if (found === undefined) throw new KanadeError('not_found', `blob ${hash} is not there`);
  if (sha256(found.value) !== hash) throw new KanadeError('bad_message', `blob ${hash} holds other bytes than its name says`);
  return found.value;
}
