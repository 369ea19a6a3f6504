import { KanadeError } from '#core/contract/errors.ts';
import { KV_OPERATION } from '#core/contract/sealed.ts';
import type { BucketName } from '#core/contract/streams.ts';
import { isJetStreamError, type Nats, WRONG_LAST_SEQUENCE } from './connection.ts';
import { lastOnSubject } from './direct-get.ts';

/** What a backend writes into KV. Agents write none and read by direct get (direct-get.ts). */

/** Puts a value; the new revision. */
export async function kvPut(nats: Nats, bucket: BucketName, key: string, value: Uint8Array): Promise<number> {
  return (await nats.publishStored(`$KV.${bucket}.${key}`, value)).seq;
}

/** Puts only when the key's revision is still `revision` (0 = it is not there). `precondition_failed` otherwise. */
export async function kvCompareAndSet(nats: Nats, bucket: BucketName, key: string, value: Uint8Array, revision: number): Promise<number> {
  return write(nats, bucket, key, value, {}, revision);
}

/** Creates a key that is not there, was deleted or holds what nobody sealed whom we believe; undefined when it is there. */
export async function kvCreate(nats: Nats, bucket: BucketName, key: string, value: Uint8Array): Promise<number | undefined> {
  const last = await lastOnSubject(nats, `KV_${bucket}`, `$KV.${bucket}.${key}`);
  if (last !== undefined && !last.deleted && last.fault === undefined) return undefined;
  try {
    return await kvCompareAndSet(nats, bucket, key, value, last?.revision ?? 0);
  } catch (error) {
    if (error instanceof KanadeError && error.code === 'precondition_failed') return undefined;
    throw error;
  }
}

/** Deletes, leaving a marker; with `revision`, only if it is still that. */
export async function kvDelete(nats: Nats, bucket: BucketName, key: string, revision?: number): Promise<number> {
  return write(nats, bucket, key, new Uint8Array(), { [KV_OPERATION]: 'DEL' }, revision);
}

async function write(
  nats: Nats,
  bucket: BucketName,
  key: string,
  value: Uint8Array,
  headers: Record<string, string>,
  revision: number | undefined,
): Promise<number> {
  try {
    const ack = await nats.publishStored(`$KV.${bucket}.${key}`, value, {
      headers,
      ...(revision === undefined ? {} : { lastSubjectSequence: revision }),
    });
    return ack.seq;
  } catch (error) {
    if (isJetStreamError(error, WRONG_LAST_SEQUENCE)) {
      throw new KanadeError('precondition_failed', `${bucket}/${key} was changed meanwhile`, { cause: error });
    }
    throw error;
  }
}
