import { type ErrorCode, KanadeError, messageOf } from '#core/contract/errors.ts';
import { sha256 } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import type { Outcome } from '#core/contract/result.ts';
import { isDiskTrouble } from '#core/files/disk-error.ts';
import { Turns } from '#core/files/turns.ts';
import { NewestFires } from './fires.ts';
import { type Admission, asText, decodeEntry, encodeEntry, type LedgerEntry, ledgerKey } from './ledger-entry.ts';
import { type Floor, readFloor, readIdentity, writeFloor } from './ledger-state.ts';
import type { LedgerStore } from './ledger-store.ts';

/** Milliseconds: a day longer than a command can live, so that none is forgotten while it could still be delivered. */
const KEPT = 8 * 86_400_000;
/** Milliseconds between two saves of the replay floor. A floor that is too low costs a redelivery and nothing else. */
const FLOOR_SAVED_EVERY = 60_000;
/** Records read at once when opening. */
const READ_AHEAD = 32;

export interface LedgerOptions {
  store: LedgerStore;
  /** Milliseconds since 1970 by the broker's clock. */
  clock: () => number;
  /** That many random bytes. */
  random: (count: number) => Uint8Array;
  log: Log;
  maxRecords?: number;
  maxBytes?: number;
}

/**
 * The memory of what this PC was told to do, one durable record per request. It is what makes "never twice" true:
 * the broker may deliver a command any number of times, only its first admission runs.
 *
 *   (nothing) --admit--> pending --launching--> launching --finished--> finished --sent--> finished, result with the outbox
 *                        pending --finished (skipped, expired)--> finished
 *
 * Every step is on disk before its promise resolves, so after a crash the state says what may have happened: a pending
 * one has certainly not run; a launching one may have, and is never run again; a finished one holds its encoded result
 * until the outbox has that safely, and is then shrunk to a tombstone. Tombstones are kept for 8 days after the finish.
 * When it is full it refuses what is new; it never forgets early. A record that a disk fault made unreadable is set
 * aside in `corrupt/` and its request stays taken: what cannot be known is not run.
 */
export class Ledger {
  /** Random, made with the folder: another id means another past. */
  readonly ledgerId: string;
  readonly #options: Required<LedgerOptions>;
  readonly #entries = new Map<string, LedgerEntry>();
  /** Bytes of each record. */
  readonly #sizes = new Map<string, number>();
  /** Requests that are not yet a tombstone. */
  readonly #open = new Set<string>();
  readonly #fires = new NewestFires();
  /** Keys whose record is unreadable. */
  readonly #corrupt: Set<string>;
  readonly #turns = new Turns();
  #bytes = 0;
  #nextOrder = 1;
  #floor: Floor | undefined;
  #floorSaved: { floor: Floor | undefined; at: number };
  /** Why the last write failed; undefined since one succeeded. */
  #trouble: KanadeError | undefined;
  #full = false;

  private constructor(options: Required<LedgerOptions>, ledgerId: string, floor: Floor | undefined, corrupt: string[]) {
    this.#options = options;
    this.ledgerId = ledgerId;
    this.#floor = floor;
    this.#floorSaved = { floor, at: options.clock() };
    this.#corrupt = new Set(corrupt);
  }

  /** Reads what is there. Rejects with `disk_full` or `folder_unwritable` when a new ledger cannot be begun. */
  static async open(given: LedgerOptions): Promise<Ledger> {
    const options = { maxRecords: 100_000, maxBytes: 1024 ** 3, ...given };
    const { records, corrupt } = await options.store.keys();
    const ledger = new Ledger(options, await readIdentity(options), await readFloor(options), corrupt);
    for (let at = 0; at < records.length; at += READ_AHEAD) {
      await Promise.all(records.slice(at, at + READ_AHEAD).map((key) => ledger.#load(key)));
    }
    if (ledger.#corrupt.size > 0) options.log.error({ records: ledger.#corrupt.size }, 'the ledger has unreadable records');
    return ledger;
  }

  /**
   * Takes a command in, durably: `admitted` for exactly one of any number of admissions of one request, whenever they come.
   * The same bytes again are a `duplicate`, others a `conflict`; `unreadable` when the request is known but its record is lost.
   * Rejects with `ledger_full`, `disk_full` or `folder_unwritable`, and then it was not taken.
   */
  async admit(admission: Admission): Promise<'admitted' | 'duplicate' | 'conflict' | 'unreadable'> {
    const { bytes, ...rest } = admission;
    const command = asText(bytes);
    const bytesSha256 = sha256(bytes);
    const order = this.#nextOrder++;
    return this.#turns.run(admission.requestId, async () => {
      const known = this.#entries.get(admission.requestId);
      if (known) return known.bytesSha256 === bytesSha256 ? 'duplicate' : 'conflict';
      if (this.#corrupt.has(ledgerKey(admission.requestId))) return 'unreadable';
      const admittedAt = this.#options.clock();
      const entry: LedgerEntry = { ...rest, command, bytesSha256, state: 'pending', admittedAt, order, resultSent: false };
      await this.#makeRoom(entry);
      await this.#save(entry);
      return 'admitted';
    });
  }

  /** To be on disk before the script starts: from here on it never runs again. */
  launching(requestId: string, step: { resultId: string; startedAt: number }): Promise<void> {
    return this.#change(requestId, ['pending'], (entry) => ({ ...entry, ...step, state: 'launching' }));
  }

  /** It is over; `result` is the encoded ExecResult, kept here until `sent`. */
  async finished(requestId: string, step: { resultId: string; finishedAt: number; outcome: Outcome; result: Uint8Array }): Promise<void> {
    const { result, ...rest } = step;
    return this.#change(
      requestId,
      ['pending', 'launching'],
      ({ command: _, ...entry }) => ({ ...entry, ...rest, state: 'finished' }),
      asText(result),
    );
  }

  /** The outbox has the result on disk: the record shrinks to a tombstone. */
  sent(requestId: string): Promise<void> {
    return this.#change(requestId, ['finished'], (entry) => ({ ...entry, resultSent: true }));
  }

  get(requestId: string): LedgerEntry | undefined {
    return this.#entries.get(requestId);
  }

  /** The encoded result of a finished request that is not yet `sent`. */
  async resultOf(requestId: string): Promise<Uint8Array> {
    const key = ledgerKey(requestId);
    const bytes = await this.#options.store.read(key);
    const result = bytes && decodeEntry(key, bytes).result;
    if (result === undefined) throw new KanadeError('ledger_corrupt', `the result of request ${requestId} is not in the ledger`);
    return new TextEncoder().encode(result);
  }

  /** In admission order, like the next two: those that have not run. */
  pending(): LedgerEntry[] {
    return this.#openOnes((entry) => entry.state === 'pending');
  }

  /** Those that were started and not finished: right after opening, what a crash interrupted. */
  launched(): LedgerEntry[] {
    return this.#openOnes((entry) => entry.state === 'launching');
  }

  /** Those whose result the outbox may not have yet. */
  finishedUnsent(): LedgerEntry[] {
    return this.#openOnes((entry) => entry.state === 'finished');
  }

  /**
   * The newest time up to `latest` that a schedule fired for on this PC, milliseconds since 1970: of all that it was sent in
   * the last 8 days.
   */
  newestFire(scheduleId: string, latest: number): number | undefined {
    return this.#fires.of(scheduleId, latest);
  }

  /** The highest EXEC sequence that is wholly in the ledger, of the stream made at `epoch`. */
  floor(): Floor | undefined {
    return this.#floor;
  }

  /**
   * Sets the floor to what the durable holds as acknowledged. It falls too: EXEC may have been restored from a backup, and
   * what is numbered so now was never here. Saved at most once a minute, and when the ledger is disposed of.
   */
  async setFloor(epoch: string, seq: number): Promise<void> {
    if (this.#floor?.epoch === epoch && this.#floor.seq === seq) return;
    this.#floor = { epoch, seq };
    if (Math.abs(this.#options.clock() - this.#floorSaved.at) >= FLOOR_SAVED_EVERY) await this.#saveFloor();
  }

  /** Forgets what finished more than 8 days before `now` and is sent. A clock that went back forgets nothing. */
  async prune(now: number): Promise<void> {
    for (const entry of this.#entries.values()) {
      const { requestId, resultSent, finishedAt = Number.POSITIVE_INFINITY, admittedAt } = entry;
      if (!resultSent || now - Math.max(finishedAt, admittedAt) <= KEPT) continue;
      try {
        await this.#turns.run(requestId, () => this.#options.store.remove(ledgerKey(requestId)));
      } catch (error) {
        this.#options.log.warn({ requestId, error: messageOf(error) }, 'an old ledger record cannot be removed: trying again later');
        continue;
      }
      this.#entries.delete(requestId);
      this.#bytes -= this.#sizes.get(requestId) ?? 0;
      this.#sizes.delete(requestId);
      this.#full = false;
    }
  }

  /** The latest time in it, milliseconds since 1970 by the broker's clock; 0 when it holds nothing. */
  newest(): number {
    let newest = 0;
    for (const { admittedAt, startedAt = 0, finishedAt = 0 } of this.#entries.values())
      newest = Math.max(newest, admittedAt, startedAt, finishedAt);
    return newest;
  }

  /** What an admin should know, as the heartbeat tells it. */
  problems(): { code: ErrorCode; detail: string }[] {
    const found: { code: ErrorCode; detail: string }[] = [];
    if (this.#trouble) found.push({ code: this.#trouble.code, detail: this.#trouble.message });
    if (this.#full) found.push({ code: 'ledger_full', detail: this.#fullness() });
    if (this.#corrupt.size > 0) {
      found.push({ code: 'ledger_corrupt', detail: `${this.#corrupt.size} unreadable records; their requests are not run again` });
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#saveFloor();
  }

  async #load(key: string): Promise<void> {
    const bytes = await this.#read(key);
    if (!bytes) return;
    try {
      const { entry } = decodeEntry(key, bytes);
      this.#remember(entry, bytes.length);
      this.#nextOrder = Math.max(this.#nextOrder, entry.order + 1);
    } catch (error) {
      this.#distrust(key, error);
      // It counts as taken where it lies just as well, and the next start tries to move it again.
      await this.#options.store.setAside(key).catch((moveError) => {
        this.#options.log.warn({ key, error: messageOf(moveError) }, 'an unreadable ledger record cannot be set aside');
      });
    }
  }

  async #read(key: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#options.store.read(key);
    } catch (error) {
      this.#distrust(key, error);
      return undefined;
    }
  }

  #distrust(key: string, error: unknown): void {
    this.#corrupt.add(key);
    this.#options.log.error({ key, error: messageOf(error) }, 'a ledger record is unreadable: its request is not run again');
  }

  #change(requestId: string, from: LedgerEntry['state'][], step: (entry: LedgerEntry) => LedgerEntry, result?: string): Promise<void> {
    return this.#turns.run(requestId, async () => {
      const entry = this.#entries.get(requestId);
      if (!entry || !from.includes(entry.state)) {
        throw new KanadeError('internal', `request ${requestId} is ${entry?.state ?? 'not in the ledger'}, not ${from.join(' or ')}`);
      }
      await this.#save(step(entry), result);
    });
  }

  async #save(entry: LedgerEntry, result?: string): Promise<void> {
    const text = encodeEntry(entry, result);
    try {
      await this.#options.store.write(ledgerKey(entry.requestId), text);
    } catch (error) {
      if (isDiskTrouble(error)) this.#trouble = error;
      throw error;
    }
    this.#trouble = undefined;
    this.#remember(entry, Buffer.byteLength(text));
  }

  #remember(entry: LedgerEntry, size: number): void {
    const { requestId } = entry;
    this.#entries.set(requestId, entry);
    if (entry.fire) this.#fires.saw(entry.fire);
    this.#bytes += size - (this.#sizes.get(requestId) ?? 0);
    this.#sizes.set(requestId, size);
    if (entry.resultSent) this.#open.delete(requestId);
    else this.#open.add(requestId);
  }

  async #makeRoom(entry: LedgerEntry): Promise<void> {
    const { maxRecords, maxBytes, clock } = this.#options;
    const full = () => this.#entries.size >= maxRecords || this.#bytes + Buffer.byteLength(encodeEntry(entry)) > maxBytes;
    if (full()) await this.prune(clock());
    this.#full = full();
    if (this.#full) throw new KanadeError('ledger_full', this.#fullness());
  }

  #fullness(): string {
    return `the ledger holds ${this.#entries.size} requests in ${this.#bytes} bytes and takes no more`;
  }

  #openOnes(which: (entry: LedgerEntry) => boolean): LedgerEntry[] {
    const found: LedgerEntry[] = [];
    for (const requestId of this.#open) {
      const entry = this.#entries.get(requestId);
      if (entry && which(entry)) found.push(entry);
    }
    return found.sort((a, b) => a.order - b.order);
  }

  async #saveFloor(): Promise<void> {
    const floor = this.#floor;
    if (!floor || floor === this.#floorSaved.floor) return;
    try {
      await writeFloor(this.#options.store, floor);
      this.#floorSaved = { floor, at: this.#options.clock() };
    } catch (error) {
      this.#options.log.warn({ error: messageOf(error) }, 'the replay floor cannot be saved: after a restart more is delivered again');
    }
  }
}
