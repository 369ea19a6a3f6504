import { type Item, Lane } from './lane.ts';
import { isBulk, OUTBOX_KINDS, type OutboxKind, type OutboxStore, type Place, type StoredFile } from './outbox-store.ts';
import type { Pace } from './pace.ts';

/** What a message is known by in memory, and in the log: its path below the outbox. */
export function keyOf({ kind, place, file }: StoredFile): string {
  return place === 'stuck' ? `${kind}/stuck/${file}` : `${kind}/${file}`;
}

/** How many messages, of how many bytes at most, are kept in memory too. */
const FRESH = 32;
const FRESH_BYTES = 8192;

/** All messages on disk, as known in memory, and which of them may go next. Touches no file; times are monotonic milliseconds. */
export class Backlog {
  /** Bytes of everything below the folder, corrupt files and writes under way included. */
  bytes = 0;
  /** Files put aside as unreadable. */
  corrupt = 0;
  /** Whether what lay on disk at the start is in here. */
  scanned = false;
  readonly #pace: Pace;
  readonly #lanes: Record<OutboxKind, Lane>;
  readonly #items = new Map<string, Item>();
  readonly #fresh: Item[] = [];
  #nextOrder = 1;

  constructor(pace: Pace, random: () => number) {
    this.#pace = pace;
    const lane = () => new Lane(pace, random);
    this.#lanes = { events: lane(), results: lane(), output: lane(), inventory: lane() };
  }

  lane(item: Item): Lane {
    return this.#lanes[item.kind];
  }

  /** What was found on disk, oldest first. */
  fill({ files, corrupt }: Awaited<ReturnType<OutboxStore['scan']>>, now: number): void {
    this.scanned = true;
    this.corrupt += corrupt.files;
    this.bytes += corrupt.bytes;
    for (const { kind, place, file, name, bytes } of files) {
      // Enqueued while the folder could not be listed: it is in here already, and counted.
      if (this.#items.has(keyOf({ kind, place, file }))) continue;
      this.bytes += bytes;
      this.#supersede(kind, name);
      const item = this.#make({ kind, place, file }, name, bytes);
      if (place === 'stuck') this.lane(item).addStuck(item, now);
      else this.lane(item).add(item);
    }
    // Whatever the clock said when they were written, what waits was written after what is stuck.
    for (const { kind, place, name } of files) if (place === 'waiting') this.#supersede(kind, name);
  }

  /**
   * A message was written, perhaps over an earlier one of its name; the bytes that were overwritten. The latest small ones
   * are kept in memory for their first try: usually that comes at once, and reading them back would cost more than sending.
   */
  put(kind: OutboxKind, name: string, file: string, bytes: Uint8Array): number {
    const known = this.#items.get(keyOf({ kind, place: 'waiting', file }));
    const item = known ?? this.#make({ kind, place: 'waiting', file }, name, bytes.length);
    this.#keepFresh(item, bytes);
    this.#supersede(kind, name);
    if (!known) {
      this.lane(item).add(item);
      return 0;
    }
    const replaced = known.bytes;
    known.bytes = bytes.length;
    known.version++;
    known.failures = 0;
    known.sent = false;
    return replaced;
  }

  drop(item: Item): void {
    this.#items.delete(keyOf(item));
    this.bytes -= item.bytes;
  }

  dropCorrupt(item: Item): void {
    this.#items.delete(keyOf(item));
    this.corrupt++;
  }

  moved(item: Item, place: Place, file: string): void {
    this.#items.delete(keyOf(item));
    item.place = place;
    item.file = file;
    this.#items.set(keyOf(item), item);
  }

  /** The message to send now, if there is one and the window has room. */
  next(now: number): Item | undefined {
    for (const kind of this.#mayStart()) {
      const item = this.#lanes[kind].next(now);
      if (item) return item;
    }
    return undefined;
  }

  /** When `next` will give something, if nothing else happens. */
  nextDue(now: number): number {
    const dues = this.#mayStart().map((kind) => this.#lanes[kind].nextDue(now) ?? Number.POSITIVE_INFINITY);
    return Math.min(...dues, Number.POSITIVE_INFINITY);
  }

  /** Everything is worth a try at once, also what is stuck. */
  hurry(): void {
    for (const kind of OUTBOX_KINDS) this.#lanes[kind].hurry();
  }

  count(): { files: number; stuck: number } {
    let files = 0;
    for (const item of this.#items.values()) if (this.#isSendable(item)) files++;
    return { files, stuck: this.stuck().length };
  }

  stuck(): Item[] {
    return [...this.#items.values()].filter((item) => !item.sent && !item.superseded && this.lane(item).isStuck(item));
  }

  /** Whether anything is on its way, or waits and could be sent. */
  isBusy(): boolean {
    if (OUTBOX_KINDS.some((kind) => this.#lanes[kind].out > 0)) return true;
    for (const item of this.#items.values()) if (this.#isSendable(item)) return true;
    return false;
  }

  /**
   * A stuck message that says what a section of the inventory was is not sent any more when there is one that says what
   * it is: whatever comes last is taken for how things are.
   */
  #supersede(kind: OutboxKind, name: string): void {
    if (kind !== 'inventory') return;
    for (const item of this.#items.values()) {
      if (item.kind !== kind || item.name !== name || item.place !== 'stuck' || item.superseded) continue;
      item.superseded = true;
      this.lane(item).hurry();
    }
  }

  #keepFresh(item: Item, bytes: Uint8Array): void {
    item.fresh = bytes.length <= FRESH_BYTES ? bytes : undefined;
    if (item.fresh === undefined) return;
    this.#fresh.push(item);
    if (this.#fresh.length > FRESH) this.#fresh.shift()!.fresh = undefined;
  }

  #isSendable(item: Item): boolean {
    return !item.sent && !this.lane(item).isStuck(item);
  }

  #mayStart(): OutboxKind[] {
    const lanes = OUTBOX_KINDS.map((kind) => this.#lanes[kind]);
    const out = lanes.reduce((sum, lane) => sum + lane.out, 0);
    const outBytes = lanes.reduce((sum, lane) => sum + lane.outBytes, 0);
    if (out >= this.#pace.window || outBytes >= this.#pace.windowBytes) return [];
    return OUTBOX_KINDS.filter((kind) => !isBulk(kind) || this.#lanes[kind].out < this.#pace.bulkWindow);
  }

  #make(file: StoredFile, name: string, bytes: number): Item {
    const order = this.#nextOrder++;
    const state = { version: 0, failures: 0, lastError: '', sent: false, superseded: false, dueAt: 0, outBytes: 0, fresh: undefined };
    const item: Item = { ...file, name, bytes, order, ...state };
    this.#items.set(keyOf(item), item);
    return item;
  }
}
