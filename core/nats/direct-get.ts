import { KanadeError } from '#core/contract/errors.ts';
import { isSealFault, KV_OPERATION, type SealedKind, sealedKind } from '#core/contract/sealed.ts';
import type { BucketName } from '#core/contract/streams.ts';
import type { Nats } from './connection.ts';
import type { SealedMessage } from './seal.ts';

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
 * there: that is an answer. No answer, or a refusal, is thrown, and so is one that nobody sealed whom we believe.
 */
export async function kvGet(nats: Nats, bucket: BucketName, key: string, timeout = 5000): Promise<KvValue | undefined> {
  return directGet(nats, `KV_${bucket}`, `$KV.${bucket}.${key}`, timeout);
}

/** The revision a key is at, whether or not what it holds can be believed; 0 = it is not there. */
export async function kvRevision(nats: Nats, bucket: BucketName, key: string): Promise<number> {
  const last = await lastOnSubject(nats, `KV_${bucket}`, `$KV.${bucket}.${key}`);
  return last === undefined || last.deleted ? 0 : last.revision;
}

/** The last message on a subject of a stream that allows direct gets, by the same rules. */
export async function directGet(nats: Nats, stream: string, subject: string, timeout = 5000): Promise<KvValue | undefined> {
  const last = await lastOnSubject(nats, stream, subject, timeout);
  if (last?.fault !== undefined) throw last.fault;
  return last === undefined || last.deleted ? undefined : last;
}

/**
 * The same, delete markers included: what a create after a delete has to name as the revision it replaces. `fault`: why
 * neither the value nor the marker is to be believed; its place is taken all the same.
 */
export async function lastOnSubject(
  nats: Nats,
  stream: string,
  subject: string,
  timeout = 5000,
): Promise<(KvValue & { deleted: boolean; fault?: KanadeError }) | undefined> {
  const answer = await nats.request(`$JS.API.DIRECT.GET.${stream}.${subject}`, NOTHING, { timeout });
  if (answer.status === 404) return undefined;
  if (answer.status !== 0) throw new KanadeError('broker_unavailable', `${subject}: ${answer.status} ${answer.description}`);
  const kind = sealedKind(subject);
  const fault = kind && faultOf(nats, { ...answer, subject }, kind);
  return {
    value: answer.data,
    revision: Number(answer.header('Nats-Sequence') ?? 0),
    created: Date.parse(answer.header('Nats-Time-Stamp') ?? ''),
    deleted: isMarker(answer),
    ...(fault === undefined ? {} : { fault }),
  };
}

/** Whether it says that a key was deleted. */
export function isMarker(message: Pick<SealedMessage, 'header'>): boolean {
  const operation = message.header(KV_OPERATION);
  return operation === 'DEL' || operation === 'PURGE';
}

/** Why a message is not to be believed; undefined when it is. */
export function faultOf(nats: Pick<Nats, 'seal'>, message: SealedMessage, kind: SealedKind): KanadeError | undefined {
  try {
    nats.seal?.check(message, kind);
    return undefined;
  } catch (error) {
    if (isSealFault(error)) return error;
    throw error;
  }
}
