import { sealedKind } from '#core/contract/sealed.ts';
import { isJetStreamError, type Nats, NO_MESSAGE, parseApi } from './connection.ts';

/** JetStream's API in its own words, one small function a call: plain requests, the same with any client library. */
export interface StreamInfo {
  config: Record<string, unknown> & { name: string; max_bytes: number; max_msgs: number };
  /** When the stream was made: what tells it from one deleted and made again. */
  created: string;
  state: {
    messages: number;
    bytes: number;
    first_seq: number;
    last_seq: number;
    consumer_count: number;
    subjects?: Record<string, number>;
  };
  ts: string;
}

export interface ConsumerInfo {
  name: string;
  stream_name: string;
  created: string;
  config: Record<string, unknown>;
  delivered: { consumer_seq: number; stream_seq: number };
  ack_floor: { consumer_seq: number; stream_seq: number };
  num_pending: number;
  num_ack_pending: number;
  /** The broker's time of answering, RFC 3339 with nanoseconds. */
  ts: string;
}

export async function api<T>(nats: Nats, subject: string, body?: unknown, timeout = 10_000): Promise<T> {
  const bytes = body === undefined ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(body));
  return parseApi<T>(await nats.request(`$JS.API.${subject}`, bytes, { timeout }));
}

export function streamInfo(nats: Nats, stream: string, body?: { subjects_filter?: string; offset?: number }): Promise<StreamInfo> {
  return api(nats, `STREAM.INFO.${stream}`, body);
}

/** Every subject of a stream that matches, however many: JetStream gives them out in pages of 100,000. */
export async function subjectsOf(nats: Nats, stream: string, filter: string): Promise<string[]> {
  const found: string[] = [];
  for (;;) {
    const { state } = await streamInfo(nats, stream, { subjects_filter: filter, offset: found.length });
    const page = Object.keys(state.subjects ?? {});
    found.push(...page);
    if (page.length < 100_000) return found;
  }
}

/** The first 1,024 of them, which is more than we make. */
export async function streamNames(nats: Nats): Promise<string[]> {
  return (await api<{ streams: string[] | null }>(nats, 'STREAM.NAMES')).streams ?? [];
}

export function createStream(nats: Nats, config: { name: string }): Promise<StreamInfo> {
  return api(nats, `STREAM.CREATE.${config.name}`, config);
}

export function updateStream(nats: Nats, config: { name: string }): Promise<StreamInfo> {
  return api(nats, `STREAM.UPDATE.${config.name}`, config);
}

/** `purged` messages went; with `before` only those in front of that sequence. */
export function purgeStream(nats: Nats, stream: string, filter: string, before?: number): Promise<{ purged: number }> {
  return api(nats, `STREAM.PURGE.${stream}`, { filter, ...(before !== undefined && { seq: before }) });
}

/** A message of a stream as the API gives it. */
interface ApiMessage {
  subject: string;
  seq: number;
  data?: string;
  /** Base64 of a header block. */
  hdrs?: string;
  /** RFC 3339. */
  time: string;
}

/** A message taken from a stream. */
export interface StoredMessage {
  subject: string;
  seq: number;
  data: Uint8Array;
  header(name: string): string | undefined;
  /** RFC 3339, and the same in milliseconds since 1970. */
  time: string;
  stored: number;
}

/**
 * The last message of a subject, through the stream's leader; undefined when there is none. What executions are told of
 * is thrown back when nobody has sealed it whom we believe.
 */
export async function lastMessage(nats: Nats, stream: string, subject: string): Promise<StoredMessage | undefined> {
  try {
    const { message } = await api<{ message: ApiMessage }>(nats, `STREAM.MSG.GET.${stream}`, { last_by_subj: subject });
    const found = { ...storedMessage(message), subject };
    if (sealedKind(subject) === 'execution') nats.seal?.check(found, 'execution');
    return found;
  } catch (error) {
    if (isJetStreamError(error, NO_MESSAGE)) return undefined;
    throw error;
  }
}

/** One message by its sequence. No such message is a JetStreamError (NO_MESSAGE). */
export async function messageAt(nats: Nats, stream: string, seq: number): Promise<StoredMessage> {
  const { message } = await api<{ message: ApiMessage }>(nats, `STREAM.MSG.GET.${stream}`, { seq });
  return storedMessage(message);
}

function storedMessage({ subject, seq, data, hdrs, time }: ApiMessage): StoredMessage {
  const headers = headersIn(hdrs);
  const header = (name: string) => headers.get(name.toLowerCase());
  return { subject, seq, data: Buffer.from(data ?? '', 'base64'), header, time, stored: Date.parse(time) };
}

/** `NATS/1.0` and lines of `name: value`. */
function headersIn(base64: string | undefined): Map<string, string> {
  const [, ...lines] = Buffer.from(base64 ?? '', 'base64')
    .toString()
    .split('\r\n');
  const named = lines.map((line) => /^([^:]+):\s*(.*)$/.exec(line)).filter((found) => found !== null);
  return new Map(named.map(([, name, value]) => [name!.toLowerCase(), value!]));
}

/** Removes one message; a JetStreamError when it is not there. */
export function deleteMessage(nats: Nats, stream: string, seq: number): Promise<{ success: boolean }> {
  return api(nats, `STREAM.MSG.DELETE.${stream}`, { seq, no_erase: true });
}

export interface ConsumerConfig {
  durable_name?: string;
  name?: string;
  deliver_policy: 'all' | 'last_per_subject' | 'by_start_sequence' | 'by_start_time' | 'new';
  opt_start_seq?: number;
  /** RFC 3339. */
  opt_start_time?: string;
  ack_policy: 'explicit' | 'none';
  ack_wait?: number;
  max_ack_pending?: number;
  max_deliver?: number;
  filter_subject?: string;
  filter_subjects?: string[];
  mem_storage?: boolean;
  num_replicas?: number;
  inactive_threshold?: number;
  /** Of each message only its headers, and in one of them how long it is. */
  headers_only?: boolean;
}

/** Creates a durable, or does nothing when one of the same configuration is there. Times in nanoseconds, as the API has them. */
export function createConsumer(nats: Nats, stream: string, config: ConsumerConfig): Promise<ConsumerInfo> {
  const name = config.durable_name ?? config.name!;
  return api(nats, `CONSUMER.CREATE.${stream}.${name}`, { stream_name: stream, config: { ...config, name } });
}

export async function consumerInfo(nats: Nats, stream: string, consumer: string): Promise<ConsumerInfo> {
  return parseApi(await nats.request(`${nats.infoAt}.${stream}.${consumer}`, new Uint8Array()));
}

export function deleteConsumer(nats: Nats, stream: string, consumer: string): Promise<{ success: boolean }> {
  return api(nats, `CONSUMER.DELETE.${stream}.${consumer}`);
}

/** Every consumer of a stream, however many: JetStream gives them out in pages of 256. */
export async function consumersOf(nats: Nats, stream: string): Promise<ConsumerInfo[]> {
  const found: ConsumerInfo[] = [];
  for (;;) {
    const page = await api<{ consumers: ConsumerInfo[] | null; total: number }>(nats, `CONSUMER.LIST.${stream}`, { offset: found.length });
    found.push(...(page.consumers ?? []));
    if (found.length >= page.total || !page.consumers?.length) return found;
  }
}
