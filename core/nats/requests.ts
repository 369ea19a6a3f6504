import { type Msg, type MsgHdrs, type NatsConnection, NatsError } from 'nats';
import { KanadeError, messageOf } from '#core/contract/errors.ts';

interface Waiting {
  subject: string;
  resolve(answer: Msg): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/**
 * Requests over one connection: all answers come to one inbox, told apart by their last token. The client library's
 * own requests do the same and make four promises and an error each, which was a tenth of what an agent or a backend
 * does that sends thousands.
 */
export class Requests {
  readonly #nc: NatsConnection;
  readonly #inbox: string;
  readonly #waiting = new Map<string, Waiting>();
  #listening = false;
  #next = 0;

  /** `inbox` is a subject of this connection's own, that nobody else may hear. */
  constructor(nc: NatsConnection, inbox: string) {
    this.#nc = nc;
    this.#inbox = inbox;
  }

  /** The answer; `timeout` in milliseconds. Rejects with what `asKanadeError` gives. */
  ask(subject: string, data: Uint8Array, { timeout, headers }: { timeout: number; headers: MsgHdrs | undefined }): Promise<Msg> {
    return new Promise((resolve, reject) => {
      const token = (this.#next++).toString(36);
      try {
        this.#listen();
        this.#nc.publish(subject, data, { reply: `${this.#inbox}.${token}`, ...(headers === undefined ? {} : { headers }) });
      } catch (cause) {
        reject(asKanadeError(cause, subject));
        return;
      }
      const timer = setTimeout(() => this.#take(token)?.reject(late(subject)), timeout);
      this.#waiting.set(token, { subject, resolve, reject, timer });
    });
  }

  /** The same, with the answer to come to a subject of one's own choice. */
  async askFor(
    subject: string,
    data: Uint8Array,
    { timeout, reply, headers }: { timeout: number; reply: string; headers: MsgHdrs | undefined },
  ): Promise<Msg> {
    try {
      return await this.#nc.request(subject, data, { timeout, noMux: true, reply, ...(headers === undefined ? {} : { headers }) });
    } catch (cause) {
      throw asKanadeError(cause, subject);
    }
  }

  /** The broker does not let us publish on that subject: whoever waits for an answer from there waits in vain. */
  refused(subject: string): void {
    for (const [token, waiting] of this.#waiting) {
      if (waiting.subject === subject) this.#take(token)?.reject(forbidden(subject));
    }
  }

  /** Nothing more will come. */
  end(why: string): void {
    for (const [token, { subject }] of this.#waiting) {
      this.#take(token)?.reject(new KanadeError('broker_unavailable', `${why}: no answer from ${subject}`));
    }
  }

  #listen(): void {
    if (this.#listening) return;
    this.#nc.subscribe(`${this.#inbox}.*`, {
      callback: (error, answer) => {
        if (error) {
          // A refused subscription: the next request tries again.
          this.#listening = false;
          this.end(messageOf(error));
          return;
        }
        const waiting = this.#take(answer.subject.slice(this.#inbox.length + 1));
        if (waiting === undefined) return;
        // An empty 503 is the broker's own word that nobody listens there.
        if (answer.headers?.code === 503 && answer.data.length === 0) waiting.reject(new NobodyListens(waiting.subject));
        else waiting.resolve(answer);
      },
    });
    this.#listening = true;
  }

  #take(token: string): Waiting | undefined {
    const waiting = this.#waiting.get(token);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(token);
    clearTimeout(waiting.timer);
    return waiting;
  }
}

/** The broker's own word that nobody listens there: said at once, and no time-out. */
export class NobodyListens extends KanadeError {
  constructor(subject: string) {
    super('broker_unavailable', `nothing answers ${subject}`);
  }
}

function late(subject: string): KanadeError {
  return new KanadeError('broker_unavailable', `no answer in time from ${subject}`);
}

function forbidden(subject: string, cause?: unknown): KanadeError {
  return new KanadeError('forbidden', `the broker does not let us use ${subject}`, cause === undefined ? {} : { cause });
}

/** What the client library throws, in our words. */
function asKanadeError(error: unknown, subject: string): Error {
  if (!(error instanceof NatsError)) return error instanceof Error ? error : new Error(String(error));
  if (error.code === 'MAX_PAYLOAD_EXCEEDED') {
    return new KanadeError('oversized', `the message for ${subject} is larger than the broker takes`, { cause: error });
  }
  if (error.isPermissionError()) return forbidden(subject, error);
  if (error.code === '503') return new NobodyListens(subject);
  if (error.code === 'TIMEOUT') return late(subject);
  return new KanadeError('broker_unavailable', `${error.code} from ${subject}`, { cause: error });
}
