import { setTimeout as sleep } from 'node:timers/promises';
import type { Nats } from './connection.ts';
import { type JsMessage, jsMessage } from './js-message.ts';
import { Wake } from './retry.ts';

/** Why a pull ended by itself: the consumer (or its stream) is not there any more, or nobody answers. */
export class PullEnded extends Error {
  override readonly name = 'PullEnded';
  readonly status: number;

  constructor(status: number, description: string) {
    super(`${status} ${description}`);
    this.status = status;
  }
}

const EXPIRES = 30_000;
/** The broker sends a heartbeat this often while a pull is open; after twice that in silence the pull is taken for dead. */
const HEARTBEAT = 5000;

/**
 * Keeps a pull open on a durable and hands out what has come, up to `batch` messages at a time, as soon as something is
 * there. `consumer.fetch` of the client waits its full time even with messages there, hence this (reference/nats.md).
 * `fill`: while the broker has more on its way, up to this many milliseconds are waited for a batch to be full; what is
 * new comes as soon as ever. `bytes`: no more of them are on their way at once; it has to be more than a message. Ends by
 * throwing PullEnded when the consumer is gone or the connection is lost; resumes nothing by itself, so that the caller looks
 * again at what it reads from.
 */
export async function* pull(
  nats: Nats,
  stream: string,
  consumer: string,
  options: { batch: number; bytes?: number; signal: AbortSignal; fill?: number },
): AsyncGenerator<JsMessage[], void, void> {
  const { batch, bytes, signal, fill = 0 } = options;
  const queue: JsMessage[] = [];
  const arrived = new Wake();
  const inbox = nats.inbox();
  let owed = 0;
  let lastSign = performance.now();
  let ended: PullEnded | undefined;
  const disconnections = nats.tracker.disconnections;

  const subscription = nats.subscribe(inbox, (m) => {
    lastSign = performance.now();
    if (m.status === 0) {
      const message = jsMessage(nats, m);
      if (message !== undefined) {
        queue.push(message);
        owed = Math.max(0, owed - 1);
      }
    } else if (m.status === 404 || m.status === 408) {
      owed = 0;
    } else if (m.status === 409 && !/Consumer Deleted|Consumer is push|Server Shutdown|Leadership Change/i.test(m.description)) {
      owed = 0;
    } else if (m.status !== 100) {
      ended = new PullEnded(m.status, m.description);
    }
    arrived.fire();
  });
  const moreToCome = async () => {
    const until = performance.now() + fill;
    while (queue.length < batch && owed > 0 && queue.at(-1)!.pending > 0 && !ended && !signal.aborted && performance.now() < until) {
      await sleep(1);
    }
  };
  const request = new TextEncoder().encode(
    JSON.stringify({ batch, max_bytes: bytes, expires: EXPIRES * 1e6, idle_heartbeat: HEARTBEAT * 1e6 }),
  );
  const watch = setInterval(() => {
    if (nats.tracker.disconnections !== disconnections || !nats.connected) ended ??= new PullEnded(0, 'the connection was lost');
    else if (owed > 0 && performance.now() - lastSign > 2 * HEARTBEAT + 1000) ended ??= new PullEnded(0, 'the broker fell silent');
    if (ended) arrived.fire();
  }, 1000);

  try {
    while (!signal.aborted) {
      if (queue.length > 0) {
        if (fill > 0) await moreToCome();
        yield queue.splice(0, batch);
        continue;
      }
      if (ended) throw ended;
      if (owed === 0) {
        owed = batch;
        lastSign = performance.now();
        nats.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, request, inbox);
      }
      await arrived.next(signal);
    }
  } finally {
    clearInterval(watch);
    subscription.unsubscribe();
  }
}

/**
 * Everything a durable has for us now, in stream order, `batch` at a time; done when it has no more. The pull is not
 * kept open: 10,000 open pulls cost the broker seconds at every broadcast (reference/nats.md).
 */
export async function* drain(
  nats: Nats,
  stream: string,
  consumer: string,
  options: { batch: number; signal: AbortSignal; timeout?: number },
): AsyncGenerator<JsMessage[], void, void> {
  const timeout = options.timeout ?? 10_000;
  // No `expires` beside `no_wait`: with both, nats-server waits that long when there is nothing.
  const request = new TextEncoder().encode(JSON.stringify({ batch: options.batch, no_wait: true }));
  for (;;) {
    options.signal.throwIfAborted();
    const { messages, done } = await pullOnce(nats, `$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, request, options.batch, timeout);
    if (messages.length > 0) yield messages;
    if (done) return;
  }
}

function pullOnce(
  nats: Nats,
  subject: string,
  request: Uint8Array,
  batch: number,
  timeout: number,
): Promise<{ messages: JsMessage[]; done: boolean }> {
  return new Promise((resolve, reject) => {
    const messages: JsMessage[] = [];
    const inbox = nats.inbox();
    const finish = (then: () => void) => {
      clearTimeout(timer);
      subscription.unsubscribe();
      then();
    };
    const timer = setTimeout(() => finish(() => reject(new PullEnded(0, 'no answer in time'))), timeout);
    const subscription = nats.subscribe(
      inbox,
      (m) => {
        if (m.status === 0) {
          const message = jsMessage(nats, m);
          if (message !== undefined) messages.push(message);
          if (messages.length === batch) finish(() => resolve({ messages, done: false }));
        } else if (m.status === 404 || m.status === 408) {
          finish(() => resolve({ messages, done: true }));
        } else if (m.status !== 100) {
          finish(() => reject(new PullEnded(m.status, m.description)));
        }
      },
      (error) => finish(() => reject(error)),
    );
    nats.publish(subject, request, inbox);
  });
}
