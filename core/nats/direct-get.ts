import { KanadeError } from '#core/contract/errors.ts';
import type { BucketName } from '#core/contract/streams.ts';
import type { Nats } from './connection.ts';

export interface KvValue {
  value: Uint8Array;
  /** The sequence in the bucket's stream: what compare-and-set compares. */
  revision: number;
  /** Milliseconds since 1970, the broker's clock. */
  created: number;
}

const NOTHING = new Uint8Array();

/**
 * One KV value by direct get, the only way an agent may read (design section 7). `undefined` says that the key is not
 * there: that is an answer. No answer, or a refusal, is thrown.
 */
export async function kvGet(nats: Nats, bucket: BucketName, key: string, timeout = 5000): Promise<KvValue | undefined> {
  return directGet(nats, `KV_${bucket}`, `$KV.${bucket}.${key}`, timeout);
}

/** The last message on a subject of a stream that allows direct gets, by the same rules. */
export async function directGet(nats: Nats, stream: string, subject: string, timeout = 5000): Promise<KvValue | undefined> {
  const last = await lastOnSubject(nats, stream, subject, timeout);
  return last === undefined || last.deleted ? undefined : last;
}

/** The same, delete markers included: what a create after a delete has to name as the revision it replaces. */
export async function lastOnSubject(
  nats: Nats,
  stream: string,
  subject: string,
  timeout = 5000,
): Promise<(KvValue & { deleted: boolean }) | undefined> {
  const answer = await nats.request(`$JS.API.DIRECT.GET.${stream}.${subject}`, NOTHING, { timeout });
  if (answer.status === 404) return undefined;
  if (answer.status !== 0) throw new KanadeError('broker_unavailable', `${subject}: ${answer.status} ${answer.description}`);
  const operation = answer.header('KV-Operation');
  return {
    value: answer.data,
    revision: Number(answer.header('Nats-Sequence') ?? 0),
    created: Date.parse(answer.header('Nats-Time-Stamp') ?? ''),
    deleted: operation === 'DEL' || operation === 'PURGE',
  };
}
