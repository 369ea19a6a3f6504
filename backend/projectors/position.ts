import type { Database } from 'better-sqlite3';
import { CONSUMER_NOT_FOUND, isJetStreamError, type Nats, STREAM_NOT_FOUND } from '#core/nats/connection.ts';
import {
  type ConsumerConfig,
  type ConsumerInfo,
  consumerInfo,
  createConsumer,
  deleteConsumer,
  type StreamInfo,
  streamInfo,
} from '#core/nats/jetstream.ts';
import { filterOf, type ProjectedStream } from './streams.ts';
import type { WeighedStream } from './volumes.ts';

/** Where a projector reads on. */
export interface Position {
  /** When the stream was made. */
  created: string;
  /** The last sequence that is in the database; 0 for none. */
  seq: number;
  /** Of the consumer: the next delivery has this number, and a gap in these numbers means that a message went astray. */
  nextDelivery: number;
  /** Messages that are still to come. */
  pending: number;
  /** Bytes that the stream may hold. */
  streamBytes: number;
  /** Set when the stream is another one than the database was filled from: what that one was. */
  replaced?: string;
}

const ACK_WAIT = 30_000;

/**
 * The durable stands exactly behind the stored sequence, or it is made anew there. A durable that has handed out more
 * than was committed would bring the rest back only after its ack wait, behind newer messages, which the stored
 * sequence would then take for projected. In memory: the database, not the broker, knows how far we are.
 */
export function durableConfig(stream: ProjectedStream, durable: string, seq: number): ConsumerConfig {
  return {
    durable_name: durable,
    deliver_policy: 'by_start_sequence',
    opt_start_seq: seq + 1,
    ack_policy: 'explicit',
    ack_wait: ACK_WAIT * 1e6,
    max_ack_pending: 4096,
    max_deliver: -1,
    filter_subject: filterOf(stream),
    mem_storage: true,
    num_replicas: 1,
  };
}

export function standsBehind(consumer: ConsumerInfo, wanted: ConsumerConfig): boolean {
  const same = (['filter_subject', 'ack_wait', 'max_ack_pending', 'mem_storage'] as const).every(
    (key) => consumer.config[key] === wanted[key],
  );
  return same && consumer.num_ack_pending === 0 && consumer.delivered.stream_seq === wanted.opt_start_seq! - 1;
}

/**
 * `created` of the stream is another than was stored, or the stream ends before the stored sequence (its store was
 * restored from an older copy): the sequences we know mean nothing any more.
 */
export function isAnother(stored: { created: string; seq: number }, info: Pick<StreamInfo, 'created' | 'state'>): boolean {
  return stored.created !== info.created || stored.seq > info.state.last_seq;
}

/** Undefined when there is no such stream (yet). */
export async function openPosition(nats: Nats, db: Database, stream: ProjectedStream, durable: string): Promise<Position | undefined> {
  const info = await orUndefined(STREAM_NOT_FOUND, streamInfo(nats, stream));
  if (info === undefined) return undefined;
  const { seq, replaced } = storedPosition(db, stream, info);
  const wanted = durableConfig(stream, durable, seq);
  let consumer = await orUndefined(CONSUMER_NOT_FOUND, consumerInfo(nats, stream, durable));
  if (consumer === undefined || !standsBehind(consumer, wanted)) {
    if (consumer !== undefined) await orUndefined(CONSUMER_NOT_FOUND, deleteConsumer(nats, stream, durable));
    consumer = await createConsumer(nats, stream, wanted);
  }
  return {
    created: info.created,
    seq,
    nextDelivery: consumer.delivered.consumer_seq + 1,
    pending: consumer.num_pending,
    streamBytes: info.config.max_bytes,
    ...(replaced === undefined ? {} : { replaced }),
  };
}

/** Takes the marks of a stream's sequences away. */
const FORGET_SEQUENCES: Record<ProjectedStream, readonly string[]> = {
  EXECUTIONS: [
    'UPDATE targets SET exec_seq = NULL WHERE exec_seq IS NOT NULL',
    'UPDATE executions SET cancelled_seq = NULL WHERE cancelled_seq IS NOT NULL',
  ],
  EVENTS: ['UPDATE targets SET event_seq = NULL WHERE event_seq IS NOT NULL', ...forgetVolumes('EVENTS')],
  RESULTS: ['UPDATE targets SET result_seq = NULL WHERE result_seq IS NOT NULL', ...forgetVolumes('RESULTS')],
  AUDIT: [],
  INVENTORY: ['UPDATE inventory_sections SET seq = 0', 'DELETE FROM inventory_messages'],
  KV_completions: [],
};

function forgetVolumes(stream: WeighedStream): string[] {
  return ['volumes', 'surplus'].map((table) => `DELETE FROM ${table} WHERE stream = '${stream}'`);
}

function storedPosition(db: Database, stream: ProjectedStream, info: StreamInfo): { seq: number; replaced?: string } {
  const stored = db.prepare<[string], { created: string; seq: number }>('SELECT created, seq FROM projector WHERE stream = ?').get(stream);
  if (stored === undefined) {
    db.prepare('INSERT INTO projector (stream, created, seq) VALUES (?, ?, 0)').run(stream, info.created);
    return { seq: 0 };
  }
  if (!isAnother(stored, info)) return { seq: stored.seq };
  // What was projected of the old stream stays; only the marks of its sequences go, for the new one counts from 1.
  db.transaction(() => {
    db.prepare('UPDATE projector SET created = ?, seq = 0, replaced = ? WHERE stream = ?').run(info.created, stored.created, stream);
    for (const sql of FORGET_SEQUENCES[stream]) db.exec(sql);
  }).immediate();
  return { seq: 0, replaced: stored.created };
}

async function orUndefined<T>(errCode: number, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isJetStreamError(error, errCode)) return undefined;
    throw error;
  }
}
