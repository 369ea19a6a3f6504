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
  const say = (what: string) => nats.publish(m.reply!, new TextEncoder().encode(what));
  return {
    subject: m.subject,
    data: m.data,
    header: m.header,
    ...at,
    ack: () => say('+ACK'),
    nak: (ms) => say(`-NAK {"delay": ${Math.round(ms * 1e6)}}`),
    term: () => say('+TERM'),
    working: () => say('+WPI'),
  };
}

/** `$JS.ACK.<stream>.<consumer>.…`, or since nats-server 2.15 `$JS.ACK.<domain>.<account>.<stream>.<consumer>.…` (ADR-15). */
export function parseAckSubject(
  subject: string,
): Pick<JsMessage, 'stream' | 'consumer' | 'deliveries' | 'seq' | 'delivery' | 'stored' | 'pending'> | undefined {
  const tokens = subject.split('.');
  if (tokens[0] !== '$JS' || tokens[1] !== 'ACK' || tokens.length < 9) return undefined;
  const [stream, consumer, deliveries, seq, delivery, nanos, pending] = tokens.slice(tokens.length === 9 ? 2 : 4);
  return {
    stream: stream!,
    consumer: consumer!,
    deliveries: Number(deliveries),
    seq: Number(seq),
    delivery: Number(delivery),
    stored: Number(BigInt(nanos!) / 1_000_000n),
    pending: Number(pending),
  };
}
