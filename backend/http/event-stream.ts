import type { ServerResponse } from 'node:http';
import { KanadeError } from '#core/contract/errors.ts';

/** Milliseconds. */
const PING_EVERY = 20_000;
/** A client that takes nothing for this long is dropped: it can come back with Last-Event-ID. */
const SLOW_AFTER = 30_000;

export interface ServerEvent {
  /** Where a client that has this event goes on: becomes its Last-Event-ID. */
  id?: string;
  event: string;
  data: unknown;
}

/**
 * Server-sent events to one client. Nothing is buffered beyond the socket: `send` waits until the client has taken what
 * came before, and whoever sends reads its source again afterwards, so a slow client costs no memory.
 */
export class EventStream {
  readonly #res: ServerResponse;
  readonly #signal: AbortSignal;
  readonly #ping: NodeJS.Timeout;

  constructor(res: ServerResponse, signal: AbortSignal) {
    this.#res = res;
    this.#signal = signal;
    res.flushHeaders();
    this.#ping = setInterval(() => {
      if (!res.writableNeedDrain) res.write(': ping\n\n');
    }, PING_EVERY);
  }

  /** Resolves once there is room for the next; rejects when the client is gone, the server closes or the client is too slow. */
  async send({ id, event, data }: ServerEvent): Promise<void> {
    this.#signal.throwIfAborted();
    const lines = [...(id === undefined ? [] : [`id: ${oneLine(id)}`]), `event: ${oneLine(event)}`, `data: ${JSON.stringify(data)}`];
    if (!this.#res.write(`${lines.join('\n')}\n\n`)) await this.#drained();
  }

  end(): void {
    clearInterval(this.#ping);
    this.#res.end();
  }

  #drained(): Promise<void> {
    const res = this.#res;
    const signal = this.#signal;
    return new Promise((resolve, reject) => {
      const finish = (then: () => void) => {
        clearTimeout(timer);
        res.off('drain', onDrain);
        signal.removeEventListener('abort', onAbort);
        then();
      };
      const onDrain = () => finish(resolve);
      const onAbort = () => finish(() => reject(signal.reason));
      const timer = setTimeout(() => {
        finish(() => reject(new KanadeError('bad_request', 'the client reads its events too slowly')));
        res.destroy();
      }, SLOW_AFTER);
      res.on('drain', onDrain);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }
}

function oneLine(text: string): string {
  if (/[\r\n\0]/.test(text)) throw new Error('an event id or name of more than one line');
  return text;
}
