import type { Message, Nats } from './connection.ts';

/** A message of a consumer. Times are the broker's, milliseconds since 1970. */
export interface JsMessage {
  subject: string;
  data: Uint8Array;
  header(name: string): string | undefined;
  stream: string;
  consumer: string;
  /** Sequence in the stream. */
  seq: number;
  /** 1 for the first delivery. */
  deliveries: number;
  /** Counts what the consumer hands out, redeliveries too: a number left out went to somebody else or got lost. */
  delivery: number;
  stored: number;
  pending: number;
  ack(): void;
  /** Delivered again after `ms`. */
  nak(ms: number): void;
  /** Not to be delivered again. */
  term(): void;
  /** Still at work: the acknowledgement time starts anew. */
  working(): void;
}

export function jsMessage(nats: Nats, m: Message): JsMessage | undefined {
  const at = m.reply === undefined ? undefined : parseAckSubject(m.reply);
  if (at === undefined) return undefined;
  return new Delivered(nats, m, at);
}

type Delivery = Pick<JsMessage, 'stream' | 'consumer' | 'deliveries' | 'seq' | 'delivery' | 'stored' | 'pending'>;

const encoder = new TextEncoder();
const ACK = encoder.encode('+ACK');
const TERM = encoder.encode('+TERM');
const WORKING = encoder.encode('+WPI');

/** A class, and fixed bytes: a projector that catches up makes tens of thousands of these a second. */
class Delivered implements JsMessage {
  readonly subject: string;
  readonly data: Uint8Array;
  readonly stream: string;
  readonly consumer: string;
  readonly seq: number;
  readonly deliveries: number;
  readonly delivery: number;
  readonly stored: number;
  readonly pending: number;
  readonly #nats: Nats;
  readonly #message: Message;

  constructor(nats: Nats, message: Message, at: Delivery) {
    this.#nats = nats;
    this.#message = message;
    this.subject = message.subject;
    this.data = message.data;
    this.stream = at.stream;
    this.consumer = at.consumer;
    this.seq = at.seq;
    this.deliveries = at.deliveries;
    this.delivery = at.delivery;
    this.stored = at.stored;
    this.pending = at.pending;
  }

  header(name: string): string | undefined {
    return this.#message.header(name);
  }

  ack(): void {
    this.#nats.publish(this.#message.reply!, ACK);
  }

  nak(ms: number): void {
    this.#nats.publish(this.#message.reply!, encoder.encode(`-NAK {"delay": ${Math.round(ms * 1e6)}}`));
  }

  term(): void {
    this.#nats.publish(this.#message.reply!, TERM);
  }

  working(): void {
    this.#nats.publish(this.#message.reply!, WORKING);
  }
}

/** `$JS.ACK.<stream>.<consumer>.…`, or since nats-server 2.15 `$JS.ACK.<domain>.<account>.<stream>.<consumer>.…` (ADR-15). */
export function parseAckSubject(subject: string): Delivery | undefined {
  const tokens = subject.split('.');
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9) return undefined;
  const [stream, consumer, deliveries, seq, delivery, nanos, pending] = tokens.slice(tokens.length === 9 ? 2 : 4);
  return {
    stream: stream!,
    consumer: consumer!,
    deliveries: Number(deliveries),
    seq: Number(seq),
    delivery: Number(delivery),
    stored: Number(nanos!.slice(0, -6)),
    pending: Number(pending),
  };
}
