import { type ErrorCode, KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { diskError } from '#core/files/disk-error.ts';
import { Turns } from '#core/files/turns.ts';
import { sleepOrWake, Wake } from '#core/nats/retry.ts';
import { Backlog, keyOf } from './backlog.ts';
import { DiskWatch } from './disk-watch.ts';
import type { Item } from './lane.ts';
import { isBulk, type OutboxKind, type OutboxStore } from './outbox-store.ts';
import { PACE, type Pace, WARN_FROM } from './pace.ts';

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,199}$/;
/** Milliseconds: timers take no longer ones. */
const LONGEST_SLEEP = 3_600_000;

export interface OutboxOptions {
  store: OutboxStore;
  /** Resolves when a stream has stored it; rejects with `broker_unavailable` when the broker cannot be reached. */
  publish: (subject: string, bytes: Uint8Array, timeoutMs: number) => Promise<void>;
  /** Throws when the message is unreadable. */
  subjectOf: (kind: OutboxKind, name: string, bytes: Uint8Array) => string;
  /** Milliseconds, monotonic. */
  clock: () => number;
  /** [0, 1). */
  random: () => number;
  log: Log;
  maxBytes?: () => number;
  pace?: Pace;
}

/**
 * What this PC has to say, on disk until a stream has stored it.
 *
 * Order: events before results before output before inventory, so that news of a start never waits behind megabytes;
 * within a kind the oldest first. A few are on their way at once. A file is deleted only when its PubAck is there; a message that was sent
 * twice because the ack was lost is the projector's to recognise, by its result_id.
 *
 * Of each section of the inventory only the newest state is kept: a PC that was off for a month is to say what it is, and
 * not first what it was each day; the history is one of what was told.
 *
 * Trouble, and what becomes of it:
 *   the broker is away       nothing is held against a message; its kind pauses, `reconnected` ends that, a probe finds it out
 *   one message fails        it waits 1, 2, 4 ... 256 s, the others go on; after 10 failures it is moved to `stuck/`, told in
 *                            `problems`, and tried again at each reconnect and about once an hour
 *   a file is unreadable     it is moved to `corrupt/`, told, and never deleted
 *   a deletion fails         the message is remembered as sent, only the deletion is tried again
 *   the folder is unusable   told; it is probed every 30 s and used again as soon as it can be
 *
 * Room: `maxBytes` counts everything below the folder. Over it, output is refused with `outbox_full` (its result keeps a
 * preview), so is inventory (it is collected again), and `isFull` tells the intake to take no new commands, so that no
 * more is done than can be told. Events and results of what was done already are taken for as long as the disk takes
 * them: they are small, and refusing them would lose what cannot be had again. Nothing is ever deleted to make room.
 */
export class Outbox {
  readonly #options: Required<OutboxOptions>;
  readonly #backlog: Backlog;
  readonly #disk: DiskWatch;
  readonly #turns = new Turns();
  readonly #wake = new Wake();
  /** Fired whenever a message has left. */
  readonly #left = new Wake();
  /** Ends the waits for the acks of messages on their way. */
  readonly #waits = new Set<(reason: KanadeError) => void>();
  /** Counts connections: an attempt made over an earlier one says nothing about its message. */
  #connection = 0;
  #stopped = false;

  private constructor(options: Required<OutboxOptions>) {
    this.#options = options;
    this.#backlog = new Backlog(options.pace, options.random);
    this.#disk = new DiskWatch(options.pace.probe, () => this.#settle());
  }

  /** Finds what waits on disk. A folder that cannot be used now is a problem to be told, not an error: `run` keeps trying. */
  static async open(given: OutboxOptions): Promise<Outbox> {
    const options = { maxBytes: () => 2 * 1024 ** 3, pace: PACE, ...given };
    const outbox = new Outbox(options);
    await outbox.#disk.tend(options.clock());
    if (outbox.#disk.trouble) options.log.error({ error: outbox.#disk.trouble.message }, 'the outbox cannot use its folder');
    return outbox;
  }

  /**
   * Takes a message in; it is on disk when this resolves. `name` is the result's id, `chunkName` of a chunk, or a section's
   * name; the same name again replaces what waits under it. Rejects with `disk_full` or `folder_unwritable`, bulk also
   * with `outbox_full`.
   */
  async enqueue(kind: OutboxKind, name: string, bytes: Uint8Array): Promise<void> {
    if (!NAME.test(name)) throw new KanadeError('internal', `${JSON.stringify(name)} cannot name a message`);
    if (isBulk(kind) && this.#backlog.bytes + bytes.length > this.#options.maxBytes()) throw this.#fullness();
    const file = this.#options.store.fileOf(kind, name);
    this.#backlog.bytes += bytes.length;
    try {
      await this.#turns.run(keyOf({ kind, place: 'waiting', file }), async () => {
        await this.#options.store.write(kind, file, bytes);
        const replaced = this.#backlog.put(kind, name, file, bytes);
        this.#backlog.bytes -= replaced;
      });
    } catch (error) {
      this.#backlog.bytes -= bytes.length;
      this.#disk.failed(error, this.#options.clock());
      this.#wake.fire();
      throw error;
    }
    if (this.#backlog.scanned) this.#disk.worked();
    this.#wake.fire();
  }

  /** The one sender. Resolves when `signal` aborts; what is not acked by then stays on disk. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    this.#stopped = false;
    const busy = new Set<Promise<void>>();
    const start = (task: Promise<void>) => {
      const settled = task.finally(() => {
        busy.delete(settled);
        this.#wake.fire();
      });
      busy.add(settled);
    };
    while (!signal.aborted) {
      if (this.#disk.isDue(clock())) start(this.#disk.tend(clock()));
      for (let item = this.#backlog.next(clock()); item; item = this.#backlog.next(clock())) start(this.#send(item));
      const due = Math.min(this.#backlog.nextDue(clock()), this.#disk.nextDue());
      const sleep = Math.min(Math.max(due - clock(), 0), LONGEST_SLEEP);
      // It rejects only because the signal aborted, which ends the loop.
      await sleepOrWake(sleep, this.#wake, signal).catch(() => {});
    }
    this.#stopped = true;
    this.#endWaits('the outbox stops');
    await Promise.all(busy);
  }

  /** The connection is up again: what was on its way over the old one goes again, and so does what was stuck. */
  reconnected(): void {
    this.#connection++;
    this.#backlog.hurry();
    this.#endWaits('the connection was replaced');
    this.#wake.fire();
  }

  /** `files` wait to be sent; `stuck` and `corrupt` are files too, apart from these; `bytes` are of all. */
  depth(): { files: number; bytes: number; stuck: number; corrupt: number } {
    return { ...this.#backlog.count(), bytes: this.#backlog.bytes, corrupt: this.#backlog.corrupt };
  }

  /** Over its cap: output and inventory are refused, and the intake is to take no new commands. */
  isFull(): boolean {
    return this.#backlog.bytes > this.#options.maxBytes();
  }

  /** What an admin should know, as the heartbeat tells it. */
  problems(): { code: ErrorCode; detail: string }[] {
    const found: { code: ErrorCode; detail: string }[] = [];
    const trouble = this.#disk.trouble;
    if (trouble) found.push({ code: trouble.code, detail: trouble.message });
    if (this.isFull()) found.push({ code: 'outbox_full', detail: this.#fullness().message });
    const stuck = this.#backlog.stuck();
    if (stuck.length > 0) {
      const { kind, file, lastError } = stuck[0]!;
      const why = lastError ? ` (${lastError})` : '';
      found.push({ code: 'outbox_stuck', detail: `${stuck.length} messages cannot be sent, the first is ${kind}/${file}${why}` });
    }
    if (this.#backlog.corrupt > 0) {
      found.push({ code: 'outbox_corrupt', detail: `${this.#backlog.corrupt} unreadable messages were put aside` });
    }
    return found;
  }

  /** Resolves when nothing is left that could be sent; rejects with the signal's reason when that aborts first. */
  async empty(signal: AbortSignal): Promise<void> {
    while (this.#backlog.isBusy()) {
      await this.#left.next(signal);
      signal.throwIfAborted();
    }
  }

  /** Sends one message and deletes its file. Never rejects: whatever happens is written down with the message. */
  async #send(item: Item): Promise<void> {
    const attempt = { startedAt: this.#options.clock(), connection: this.#connection, version: item.version };
    const lane = this.#backlog.lane(item);
    try {
      item.sent ||= item.superseded;
      if (!item.sent) {
        const bytes = item.fresh ?? (await this.#options.store.read(item));
        item.fresh = undefined;
        const subject = bytes && this.#subjectOf(item, bytes);
        if (!bytes || subject === undefined) {
          await this.#withdraw(item, attempt.version, bytes === undefined);
          return;
        }
        await this.#publish(subject, bytes);
        lane.stored(this.#options.clock());
        item.sent = item.version === attempt.version;
        item.failures = 0;
      }
      await this.#remove(item);
    } catch (error) {
      await this.#failed(item, error, attempt);
    } finally {
      this.#left.fire();
    }
  }

  #subjectOf(item: Item, bytes: Uint8Array): string | undefined {
    try {
      return this.#options.subjectOf(item.kind, item.name, bytes);
    } catch (error) {
      this.#options.log.error({ file: keyOf(item), error: messageOf(error) }, 'a message in the outbox is unreadable: it is put aside');
      return undefined;
    }
  }

  #publish(subject: string, bytes: Uint8Array): Promise<void> {
    if (this.#stopped) throw new KanadeError('broker_unavailable', 'the outbox stops');
    return new Promise((resolve, reject) => {
      this.#waits.add(reject);
      const sent = this.#options.publish(subject, bytes, this.#options.pace.ackTimeout);
      sent.then(resolve, reject).finally(() => this.#waits.delete(reject));
    });
  }

  #endWaits(why: string): void {
    for (const reject of this.#waits) reject(new KanadeError('broker_unavailable', why));
    this.#waits.clear();
  }

  /** Deletes the file of a sent message, unless it was written anew meanwhile. */
  async #remove(item: Item): Promise<void> {
    const removed = await this.#turns.run(keyOf(item), async () => {
      if (!item.sent) return false;
      await this.#options.store.remove(item);
      this.#backlog.drop(item);
      return true;
    });
    if (removed) this.#backlog.lane(item).done(item);
    else this.#backlog.lane(item).again(item);
  }

  /** Takes a file out that cannot be sent: unreadable ones are put aside, those that someone removed are forgotten. */
  async #withdraw(item: Item, version: number, gone: boolean): Promise<void> {
    const withdrawn = await this.#turns.run(keyOf(item), async () => {
      if (item.version !== version) return false;
      if (gone) {
        this.#options.log.warn({ file: keyOf(item) }, 'a message in the outbox was removed by someone else');
        this.#backlog.drop(item);
      } else {
        await this.#options.store.setAside(item, 'corrupt');
        this.#backlog.dropCorrupt(item);
      }
      return true;
    });
    if (withdrawn) this.#backlog.lane(item).done(item);
    else this.#backlog.lane(item).again(item);
  }

  async #failed(item: Item, error: unknown, attempt: { startedAt: number; connection: number; version: number }): Promise<void> {
    const { clock, log } = this.#options;
    const lane = this.#backlog.lane(item);
    const now = clock();
    if (error instanceof KanadeError && error.code === 'broker_unavailable') {
      if (attempt.connection !== this.#connection) return lane.again(item);
      if (!lane.flowsSince(attempt.startedAt, now)) return lane.postponed(item, now);
    }
    if (item.sent) this.#disk.failed(diskError(error, keyOf(item)), now);
    else if (lane.isLastTry(item) && item.place === 'waiting') await this.#moveToStuck(item, attempt.version);
    lane.failed(item, messageOf(error), clock());
    const fields = { file: keyOf(item), failures: item.failures, error: item.lastError };
    if (item.sent) log.warn(fields, 'a message was sent and its file cannot be deleted');
    else if (lane.isStuck(item)) log.error(fields, 'a message in the outbox is stuck');
    else if (item.failures >= WARN_FROM) log.warn(fields, 'a message in the outbox cannot be sent');
    else log.debug(fields, 'a message in the outbox was not sent: trying again');
  }

  async #moveToStuck(item: Item, version: number): Promise<void> {
    try {
      await this.#turns.run(keyOf(item), async () => {
        if (item.version !== version) return;
        this.#backlog.moved(item, 'stuck', await this.#options.store.setAside(item, 'stuck'));
      });
    } catch (error) {
      // It counts as stuck where it lies, and the next try moves it.
      this.#options.log.warn({ file: keyOf(item), error: messageOf(error) }, 'a stuck message cannot be put aside');
    }
  }

  /** The disk works if what lies on it is known and something can be written. */
  async #settle(): Promise<void> {
    const { store, clock } = this.#options;
    if (!this.#backlog.scanned) {
      this.#backlog.fill(await store.scan(), clock());
      return;
    }
    await store.probe();
    this.#backlog.hurry();
  }

  #fullness(): KanadeError {
    return new KanadeError('outbox_full', `the outbox holds ${this.#backlog.bytes} bytes, its limit is ${this.#options.maxBytes()}`);
  }
}
