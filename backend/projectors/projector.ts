import { setTimeout as sleep, setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Database } from 'better-sqlite3';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { JsMessage } from '#core/nats/js-message.ts';
import { PullEnded, pull } from '#core/nats/pull.ts';
import { FIRST_BACKOFF, nextBackoff, REOPEN_PAUSE, sleepOrWake, waitFor, withJitter } from '#core/nats/retry.ts';
import { type Begins, BeginUnknown } from './begins.ts';
import { isCorrupt, isPassing } from './database.ts';
import type { Item } from './fact.ts';
import { openPosition, type Position } from './position.ts';
import { type ReadContext, readItems } from './read-items.ts';
import { type StreamStatus, UNKNOWN } from './status.ts';
import { durableOf, type ProjectedStream, portionOf } from './streams.ts';
import type { Committed, Writer } from './writer.ts';

export interface ProjectorContext extends ReadContext {
  db: Database;
  writer: Writer;
  begins: Begins;
  durableSuffix: string;
  random: () => number;
  log: Pick<Log, 'info' | 'warn'>;
  onCommit(stream: ProjectedStream, committed: Committed, status: StreamStatus): void;
  onStatus(stream: ProjectedStream, status: StreamStatus): void;
}

/** Milliseconds waited for a batch to be full while the broker has more: only then, so nothing new is held up. */
const FILL = 20;
/** Bytes that are asked for at once, however many messages that is: a thousand of the longest are a gigabyte. */
const AT_ONCE = 32 * 1024 * 1024;
/** A disk that is full stays full for a while; nobody waits longer than this for the next try. Milliseconds. */
const MAX_DATABASE_BACKOFF = 30_000;

/**
 * One stream into the database. It is *opening* (stream and durable looked at, until both are right), then *reading*
 * (batches are committed with their sequence, then acknowledged). Whatever ends the reading, the connection, the durable,
 * the stream itself, leads back to opening, so that nothing is assumed about what happened meanwhile. A database
 * that cannot be written stops the reading where it is: nothing is acknowledged, and the same batch is tried again.
 */
export class Projector {
  readonly #ctx: ProjectorContext;
  readonly #stream: ProjectedStream;
  readonly #durable: string;
  #status: StreamStatus = UNKNOWN;

  constructor(ctx: ProjectorContext, stream: ProjectedStream) {
    this.#ctx = ctx;
    this.#stream = stream;
    this.#durable = durableOf(stream, ctx.durableSuffix);
  }

  /** Until the signal aborts. Rejects when the database is corrupt. */
  async run(): Promise<void> {
    const { signal, nats } = this.#ctx;
    while (!signal.aborted) {
      try {
        await this.#read(await this.#open());
      } catch (error) {
        if (signal.aborted) return;
        if (isCorrupt(error)) throw error;
        this.#trouble(error);
        // It rejects only when the signal aborts, and then the loop ends.
        await sleepOrWake(REOPEN_PAUSE, nats.tracker.connectedAgain, signal).catch(() => {});
      }
    }
  }

  async #open(): Promise<Position> {
    const { nats, db, signal, random, log } = this.#ctx;
    const stream = this.#stream;
    const position = await waitFor(() => openPosition(nats, db, stream, this.#durable), {
      wake: nats.tracker.connectedAgain,
      connected: () => nats.connected,
      random,
      signal,
      onFailure: (error) => this.#trouble(error ?? new Error(`there is no stream ${stream}`)),
    });
    const { created, seq, pending, replaced } = position;
    this.#ctx.writer.opened(stream, position.streamBytes);
    if (replaced !== undefined) {
      log.warn({ stream, was: replaced, now: created }, 'the stream was deleted and made again: it is read from its beginning');
    }
    const caughtUp = pending === 0 || (this.#status.caughtUp && replaced === undefined);
    this.#say({ seq, lag: pending, epoch: created, caughtUp, error: undefined, ...(replaced === undefined ? {} : { replaced }) });
    return position;
  }

  async #read(position: Position): Promise<void> {
    const { nats, signal } = this.#ctx;
    const portion = portionOf(this.#stream);
    let { seq, nextDelivery } = position;
    for await (const batch of pull(nats, this.#stream, this.#durable, { batch: portion.messages, bytes: AT_ONCE, signal, fill: FILL })) {
      nextDelivery = inOrder(batch, nextDelivery);
      for (const [n, part] of inParts(batch, portion.bytes).entries()) {
        if (n > 0) await yieldToOthers();
        const fresh = part.filter((message) => message.seq > seq);
        const last = fresh.at(-1);
        if (last !== undefined) {
          const items = await readItems(this.#ctx, this.#stream, fresh);
          const committed = await this.#commit(items, last.seq);
          seq = last.seq;
          this.#committed(committed, last);
        }
        for (const message of part) message.ack();
      }
    }
  }

  async #commit(items: readonly Item[], seq: number): Promise<Committed> {
    const { nats, writer, begins, signal, random } = this.#ctx;
    let backoff = FIRST_BACKOFF;
    for (;;) {
      try {
        return writer.commit(this.#stream, items, seq);
      } catch (error) {
        if (error instanceof BeginUnknown) {
          await begins.ask(nats, error.pc);
          continue;
        }
        if (!isPassing(error)) throw error;
        this.#trouble(error);
        await sleep(withJitter(backoff, random), undefined, { signal });
        backoff = Math.min(nextBackoff(backoff), MAX_DATABASE_BACKOFF);
      }
    }
  }

  #committed(committed: Committed, last: JsMessage): void {
    const { rows, deadLetters, caughtUp } = this.#status;
    this.#status = {
      ...this.#status,
      seq: last.seq,
      lag: last.pending,
      caughtUp: caughtUp || last.pending === 0,
      error: undefined,
      rows: rows + committed.rows,
      deadLetters: deadLetters + committed.deadLetters,
    };
    this.#ctx.onCommit(this.#stream, committed, this.#status);
    if (committed.deadLetters > 0) {
      this.#ctx.log.warn(
        { stream: this.#stream, count: committed.deadLetters, upTo: last.seq },
        'messages that cannot be projected: see the dead letters',
      );
    }
  }

  /** Said once for each different trouble; a connection that is lost has its own words in the log. */
  #trouble(error: unknown): void {
    const message = messageOf(error);
    if (message === this.#status.error) return;
    const ended = error instanceof PullEnded && error.status === 0;
    if (!ended) this.#ctx.log.warn({ stream: this.#stream, error: message }, 'the projector does not get on: trying again');
    this.#say({ error: message });
  }

  #say(change: Partial<StreamStatus>): void {
    this.#status = { ...this.#status, ...change };
    this.#ctx.onStatus(this.#stream, this.#status);
  }
}

/** Deliveries are numbered: a number that is left out was handed to somebody else, or lost, and must not be passed over. */
function inOrder(batch: readonly JsMessage[], next: number): number {
  for (const message of batch) {
    if (message.delivery !== next) throw new PullEnded(0, `delivery ${next} went astray`);
    next++;
  }
  return next;
}

/** Each of at most so many bytes, or one message. */
function inParts(batch: readonly JsMessage[], bytes: number): JsMessage[][] {
  const parts: JsMessage[][] = [];
  let size = 0;
  for (const message of batch) {
    size += message.data.length;
    if (parts.length === 0 || size > bytes) {
      parts.push([]);
      size = message.data.length;
    }
    parts.at(-1)!.push(message);
  }
  return parts;
}
