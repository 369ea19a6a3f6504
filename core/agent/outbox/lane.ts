import { Heap } from './heap.ts';
import type { OutboxKind, Place } from './outbox-store.ts';
import { type Pace, retryDelay } from './pace.ts';

/** One message that waits on disk. */
export interface Item {
  readonly kind: OutboxKind;
  readonly name: string;
  place: Place;
  /** Its file's name. */
  file: string;
  bytes: number;
  /** Older messages have lower numbers. */
  readonly order: number;
  /** Raised when the file is written anew, so that an answer to the old content does not delete the new one. */
  version: number;
  failures: number;
  lastError: string;
  /** Stored by the broker: only its file is still there, and only the deletion is tried again. */
  sent: boolean;
  /** It is stuck, and a newer message says what it said: it is only to be deleted. */
  superseded: boolean;
  dueAt: number;
  /** What its file holds, for the first try: see `Backlog.put`. */
  fresh: Uint8Array | undefined;
  /** Its bytes when it was given to the sender. */
  outBytes: number;
}

/**
 * The messages of one kind, and which of them is to be sent next. Pure: it knows the time only as a parameter (monotonic
 * milliseconds) and touches no file.
 *
 * A message is ready (the oldest goes first), or waits for its time after a failure, or is out (given to the sender by
 * `next`, until exactly one of `failed`, `postponed`, `again` and `done` is said of it).
 *
 * The lane itself is open, or paused after the broker could not be reached at all: then nothing is held against the message,
 * and after the pause a single message probes; when that is stored, all may go again. The one that found the broker gone
 * waits a little longer than the pause, so that the next probe is another message and no single one can block the rest.
 */
export class Lane {
  readonly #pace: Pace;
  readonly #random: () => number;
  readonly #ready = new Heap<Item>((a, b) => a.order < b.order);
  readonly #waiting = new Heap<Item>((a, b) => a.dueAt < b.dueAt);
  #out = 0;
  #outBytes = 0;
  #pausedUntil: number | undefined;
  #lastStored = Number.NEGATIVE_INFINITY;

  constructor(pace: Pace, random: () => number) {
    this.#pace = pace;
    this.#random = random;
  }

  /** Messages given to the sender, and their bytes. */
  get out(): number {
    return this.#out;
  }

  get outBytes(): number {
    return this.#outBytes;
  }

  /** A new message. On a paused lane it is worth a probe of its own: it may well be the first for a long time. */
  add(item: Item): void {
    this.#ready.push(item);
    if (this.#pausedUntil !== undefined) this.#pausedUntil = Number.NEGATIVE_INFINITY;
  }

  /** A message found on disk that was put aside earlier. */
  addStuck(item: Item, now: number): void {
    this.#wait(item, now + this.#spread(this.#pace.stuckRetry));
  }

  /** The message to send now, if any. */
  next(now: number): Item | undefined {
    if (this.#pausedUntil !== undefined && (now < this.#pausedUntil || this.#out > 0)) return undefined;
    while ((this.#waiting.peek()?.dueAt ?? Number.POSITIVE_INFINITY) <= now) this.#ready.push(this.#waiting.pop()!);
    const item = this.#ready.pop();
    if (!item) return undefined;
    this.#out++;
    item.outBytes = item.bytes;
    this.#outBytes += item.outBytes;
    return item;
  }

  /** When `next` can give something, if nothing else happens; undefined when something is out or nothing is here. */
  nextDue(now: number): number | undefined {
    if (this.#pausedUntil !== undefined && this.#out > 0) return undefined;
    const due = this.#ready.size > 0 ? now : this.#waiting.peek()?.dueAt;
    return due === undefined ? undefined : Math.max(due, this.#pausedUntil ?? due);
  }

  /** The broker has stored one: whatever was wrong is over. */
  stored(now: number): void {
    this.#lastStored = now;
    this.#pausedUntil = undefined;
  }

  /** Whether others got through since `startedAt` and just now: then a time-out is this message's own fault. */
  flowsSince(startedAt: number, now: number): boolean {
    return this.#lastStored > startedAt && this.#lastStored > now - this.#pace.ackTimeout / 6;
  }

  /** Whether one more failure is one too many. */
  isLastTry(item: Item): boolean {
    return item.failures + 1 >= this.#pace.giveUpAfter;
  }

  isStuck(item: Item): boolean {
    return item.place === 'stuck' || item.failures >= this.#pace.giveUpAfter;
  }

  /** It failed by its own fault. */
  failed(item: Item, error: string, now: number): void {
    this.#back(item);
    item.failures++;
    item.lastError = error;
    this.#wait(item, now + (this.isStuck(item) ? this.#spread(this.#pace.stuckRetry) : retryDelay(item.failures, this.#pace)));
  }

  /** The broker could not be reached. */
  postponed(item: Item, now: number): void {
    this.#back(item);
    this.#pausedUntil = now + this.#spread(this.#pace.probe);
    this.#wait(item, this.#pausedUntil + this.#pace.probe / 2);
  }

  /** It is to go once more, at once: its content changed, or its connection is gone. */
  again(item: Item): void {
    this.#back(item);
    this.#ready.push(item);
  }

  /** Its file is gone. */
  done(item: Item): void {
    this.#back(item);
  }

  /** Something that was in the way is over: everything is worth a try at once, also what is stuck. */
  hurry(): void {
    this.#pausedUntil = undefined;
    for (let item = this.#waiting.pop(); item; item = this.#waiting.pop()) this.#ready.push(item);
  }

  #back(item: Item): void {
    this.#out--;
    this.#outBytes -= item.outBytes;
  }

  #wait(item: Item, dueAt: number): void {
    item.dueAt = dueAt;
    this.#waiting.push(item);
  }

  /** +-25 %, so that PCs that were stopped by the same thing do not try as one. */
  #spread(ms: number): number {
    return ms * (0.75 + this.#random() * 0.5);
  }
}
