import { array } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { Id, sha256 } from '#core/contract/ids.ts';
import { INLINE_TARGETS_MAX } from '#core/contract/streams.ts';
import type { PcList } from '#core/contract/submission.ts';
import { isJetStreamError, type Nats, STREAM_FULL } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvPut } from '#core/nats/kv.ts';

/** A list of PCs as it travels: inline, or in `blobs`, written before the message that names it. */
export async function storePcList(nats: Nats, pcs: readonly string[]): Promise<PcList> {
  const bytes = encode(pcs);
  if (bytes.length <= INLINE_TARGETS_MAX) return { pcs: [...pcs] };
  return { pcs_sha256: await putBlob(nats, bytes) };
}

export async function readPcList(nats: Nats, list: PcList): Promise<string[]> {
  if (list.pcs) return list.pcs;
  const bytes = await getBlob(nats, list.pcs_sha256 ?? '');
  return decode(array(Id), bytes);
}

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
