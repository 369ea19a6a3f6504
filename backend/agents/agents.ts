import { setTimeout as sleep } from 'node:timers/promises';
import { decode, encode } from '#core/contract/codec.ts';
import type { Sync } from '#core/contract/control.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { HEARTBEAT_MAX, Heartbeat } from '#core/contract/heartbeat.ts';
import { foldGroup, foldPcId } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import { AgentEntry, AgentGroups } from '#core/contract/registry.ts';
import { lastToken, subjects } from '#core/contract/subjects.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { type BucketEntry, watchBucket } from '#core/nats/watch-bucket.ts';
import { type AgentView, agentView } from './agent-view.ts';
import { Beats } from './beats.ts';
import { countGroups, type GroupSize } from './count-groups.ts';
import { type DynamicMembers, NO_DYNAMIC_GROUPS } from './dynamic-members.ts';
import { Pace } from './pace.ts';

export interface AgentsOptions {
  nats: Nats;
  /** Milliseconds since 1970, and monotonic. */
  clock: () => number;
  mono: () => number;
  log: Log;
  dynamic?: DynamicMembers;
  /** What says whom PCs are to obey; without it they obey everybody. */
  keys?: () => string;
}

/** Milliseconds between two words about unreadable heartbeats of one PC. */
const WARN_AGAIN = 60_000;

/** 5,000 PCs a second. */
const ROLL_AT_ONCE = 250;
const ROLL_PAUSE = 50;
const SYNC_AT_ONCE = 250;

/** What the registry knows of one PC that the `agents` bucket holds. */
export interface Enrolled {
  entry: AgentEntry;
  revision: number;
}

/**
 * The registry as this backend sees it: a mirror of the `agents` and `agent_groups` buckets, plus the heartbeats.
 * It writes nothing; enrolment (enrol.ts) is the lease holder's work.
 */
export class Agents {
  readonly #o: AgentsOptions;
  readonly beats: Beats;
  readonly #dynamic: DynamicMembers;
  readonly #entries = new Map<string, Enrolled>();
  /** The PC of each key. */
  readonly #keys = new Map<string, string>();
  readonly #groups = new Map<string, string[]>();
  readonly #conflicts = new Set<string>();
  readonly #warnings: Pace;
  readonly #onBeat = new Set<(heartbeat: Heartbeat, copy: boolean) => void>();
  readonly #onEntry = new Set<(pc: string) => void>();

  constructor(options: AgentsOptions) {
    this.#o = options;
    this.#dynamic = options.dynamic ?? NO_DYNAMIC_GROUPS;
    this.beats = new Beats(options.mono, options.clock);
    this.#warnings = new Pace(WARN_AGAIN, options.mono);
  }

  /** Follows buckets and heartbeats until `signal` aborts; resolves once everything that is there has been read. */
  async start(signal: AbortSignal): Promise<void> {
    const { nats, log } = this.#o;
    const heartbeats = nats.subscribe('heartbeat.*', (m) => this.#hear(m.subject, m.data));
    signal.addEventListener('abort', () => heartbeats.unsubscribe(), { once: true });
    const first: Promise<void>[] = [];
    for (const [bucket, onEntry, map] of [
      ['agents', (e: BucketEntry) => this.#takeEntry(e), this.#entries],
      ['agent_groups', (e: BucketEntry) => this.#takeGroups(e), this.#groups],
    ] as const) {
      first.push(
        new Promise((resolve) => {
          const onSnapshot = (keys: ReadonlySet<string>) => {
            for (const key of map.keys()) if (!keys.has(key)) this.#drop(map, key);
            resolve();
          };
          void watchBucket(nats, bucket, { onEntry, onSnapshot, log, signal });
          signal.addEventListener('abort', () => resolve(), { once: true });
        }),
      );
    }
    await Promise.all(first);
  }

  /** When the EXEC stream was made: part of every sync. Set at start, and again when the stream turns out to be another. */
  epoch: string | undefined;

  /** Told of each heartbeat that could be read; `copy` when another running copy of that PC's disk is about. */
  onBeat(listener: (heartbeat: Heartbeat, copy: boolean) => void, signal: AbortSignal): void {
    this.#onBeat.add(listener);
    signal.addEventListener('abort', () => this.#onBeat.delete(listener), { once: true });
  }

  /** Told of each change to a PC's entry or groups. */
  onEntry(listener: (pc: string) => void, signal: AbortSignal): void {
    this.#onEntry.add(listener);
    signal.addEventListener('abort', () => this.#onEntry.delete(listener), { once: true });
  }

  /** Told of each change to who is in which dynamic group. */
  onDynamic(listener: () => void, signal: AbortSignal): void {
    this.#dynamic.onChange(listener, signal);
  }

  /** What the lease holder has just written, known here before the bucket's watch brings it back. */
  accept(entry: AgentEntry, revision: number): void {
    this.#set(entry.pc_id, { entry, revision });
  }

  /** The same for an entry it has just deleted. */
  forget(pc: string): void {
    this.#drop(this.#entries, pc);
  }

  /** The same for what this backend has just written to `agent_groups`: whoever set them may name the group at once. */
  acceptGroups(pc: string, groups: readonly string[]): void {
    this.#groups.set(pc, [...groups]);
  }

  entry(pc: string): Enrolled | undefined {
    return this.#entries.get(pc);
  }

  /** The PC that has this key, retired and revoked ones too. */
  pcOfKey(key: string): string | undefined {
    return this.#keys.get(key);
  }

  /** Every entry, tombstones too. */
  entries(): Iterable<Enrolled> {
    return this.#entries.values();
  }

  /** The PCs that may be addressed: enrolled and not retired. */
  enrolled(): ReadonlySet<string> {
    const pcs = new Set<string>();
    for (const [pc, { entry }] of this.#entries) if (entry.retired_at === undefined) pcs.add(pc);
    return pcs;
  }

  isEnrolled(pc: string): boolean {
    const enrolled = this.#entries.get(pc);
    return enrolled !== undefined && enrolled.entry.retired_at === undefined;
  }

  /** The groups that were set for a PC: its durable hears these, and nothing but a person changes them. */
  groupsOf(pc: string): readonly string[] {
    return this.#groups.get(pc) ?? [];
  }

  /** Those, and the dynamic groups it is in as far as that is known. */
  allGroupsOf(pc: string): readonly string[] {
    const dynamic = this.isEnrolled(pc) ? this.#dynamic.groupsOf(pc) : [];
    return dynamic.length === 0 ? this.groupsOf(pc) : [...this.groupsOf(pc), ...dynamic].sort();
  }

  /**
   * The enrolled PCs of a group, static or dynamic, however it is spelt. Throws what `DynamicMembers` throws. A name is one of both;
   * where two backends were told otherwise at the same moment it is whoever is in either.
   */
  members(group: string): string[] {
    return [...new Set([...this.dynamicMembers(group), ...this.staticMembers(group)])];
  }

  /** Of a dynamic group alone; nobody when there is no such. */
  dynamicMembers(group: string): string[] {
    return [...(this.#dynamic.members(group) ?? [])].filter((pc) => this.isEnrolled(pc));
  }

  /** Those for whom it was set. */
  staticMembers(group: string): string[] {
    const folded = foldGroup(group);
    return [...this.enrolled()].filter((pc) => this.groupsOf(pc).some((one) => foldGroup(one) === folded));
  }

  /** The static groups. */
  groups(): GroupSize[] {
    return countGroups([...this.enrolled()].map((pc) => ({ pc, groups: this.groupsOf(pc) })));
  }

  get(pc: string): AgentView | undefined {
    const enrolled = this.#entries.get(pc);
    return enrolled && this.#view(enrolled.entry);
  }

  all(): AgentView[] {
    return [...this.#entries.values()].map(({ entry }) => this.#view(entry));
  }

  /** Marks or clears that two PCs answer to this id. */
  setConflict(pc: string, conflict: boolean): void {
    if (conflict) this.#conflicts.add(pc);
    else this.#conflicts.delete(pc);
  }

  inConflict(pc: string): boolean {
    return this.#conflicts.has(pc);
  }

  /**
   * Tells these PCs to read their entries and their durable again. Nothing is said to a PC that is not enrolled. Many are
   * told a slice at a time: to sign what is said to 10,000 takes half a second, in which nobody else would be served.
   */
  sync(pcs: Iterable<string>): void {
    const all = [...pcs];
    this.#sync(all.slice(0, SYNC_AT_ONCE));
    if (all.length > SYNC_AT_ONCE) setImmediate(() => this.sync(all.slice(SYNC_AT_ONCE)));
  }

  #sync(pcs: readonly string[]): void {
    const keys = this.#o.keys && { keys: this.#o.keys() };
    for (const pc of pcs) {
      const enrolled = this.#entries.get(pc);
      if (enrolled === undefined || this.epoch === undefined) continue;
      const { entry } = enrolled;
      const refused = entry.retired_at !== undefined ? 'retired' : undefined;
      const sync: Sync = {
        now: instant(this.#o.clock()),
        ...(entry.ledger_id === undefined ? {} : { ledger_id: entry.ledger_id }),
        enrolled_at: entry.enrolled_at,
        epoch: this.epoch,
        ...(refused === undefined ? {} : { refused }),
        ...keys,
      };
      this.#o.nats.publish(subjects.control(pc, 'sync'), encode(sync));
    }
  }

  /**
   * Asks every PC for a heartbeat. What was heard is memory only, and until the next one, up to 30 s, a backend that has
   * just started would call everybody offline. Spread out: all of them answer at once.
   */
  async callRoll(signal: AbortSignal): Promise<void> {
    const pcs = [...this.enrolled()];
    for (let at = 0; at < pcs.length && !signal.aborted; at += ROLL_AT_ONCE) {
      for (const pc of pcs.slice(at, at + ROLL_AT_ONCE)) this.#o.nats.publish(subjects.control(pc, 'ping'), encode({}));
      if (at + ROLL_AT_ONCE < pcs.length) await sleep(ROLL_PAUSE, undefined, { signal }).catch(() => {});
    }
  }

  /** Tells one PC that it may not run anything, whatever ledger it has. */
  refuse(pc: string, why: 'conflict' | 'retired' | 'not_enrolled'): void {
    const entry = this.#entries.get(pc)?.entry;
    const sync: Sync = {
      now: instant(this.#o.clock()),
      enrolled_at: entry?.enrolled_at ?? instant(this.#o.clock()),
      epoch: this.epoch ?? '',
      refused: why,
    };
    this.#o.nats.publish(subjects.control(pc, 'sync'), encode(sync));
  }

  #view(entry: AgentEntry): AgentView {
    const { pc_id: pc } = entry;
    // A retired PC may go on talking, and is nobody's to use.
    const online = entry.retired_at === undefined && this.beats.online(pc);
    return agentView(entry, this.allGroupsOf(pc), this.beats.get(pc), { online, conflict: this.#conflicts.has(pc), now: this.#o.clock() });
  }

  #hear(subject: string, data: Uint8Array): void {
    let heartbeat: Heartbeat;
    try {
      if (data.length > HEARTBEAT_MAX) throw new KanadeError('bad_message', `it has ${data.length} bytes`);
      heartbeat = decode(Heartbeat, data);
      const pc = foldPcId(lastToken(subject));
      if (foldPcId(heartbeat.pc_id) !== pc) throw new Error(`the body names ${heartbeat.pc_id}`);
      heartbeat = { ...heartbeat, pc_id: pc };
    } catch (error) {
      if (this.#warnings.may(subject)) this.#o.log.warn({ subject, error: messageOf(error) }, 'a heartbeat cannot be read');
      return;
    }
    const copy = this.beats.take(heartbeat, this.#entries.get(heartbeat.pc_id)?.entry.ledger_id);
    for (const listener of this.#onBeat) listener(heartbeat, copy);
  }

  #takeEntry({ key, value, revision }: BucketEntry): void {
    if (value === undefined) this.#drop(this.#entries, key);
    else {
      try {
        this.#set(key, { entry: decode(AgentEntry, value), revision });
      } catch (error) {
        this.#o.log.error({ bucket: 'agents', key, error: messageOf(error) }, 'a registry entry cannot be read');
        return;
      }
    }
    for (const listener of this.#onEntry) listener(key);
  }

  #set(pc: string, enrolled: Enrolled): void {
    this.#forgetKeyOf(pc);
    this.#entries.set(pc, enrolled);
    if (enrolled.entry.public_key !== undefined) this.#keys.set(enrolled.entry.public_key, pc);
  }

  #drop(map: Map<string, unknown>, pc: string): void {
    if (map === this.#entries) this.#forgetKeyOf(pc);
    map.delete(pc);
  }

  /** One that was renamed has its key under its new name by then. */
  #forgetKeyOf(pc: string): void {
    const key = this.#entries.get(pc)?.entry.public_key;
    if (key !== undefined && this.#keys.get(key) === pc) this.#keys.delete(key);
  }

  #takeGroups({ key, value }: BucketEntry): void {
    if (value === undefined) this.#groups.delete(key);
    else {
      try {
        this.#groups.set(key, decode(AgentGroups, value).groups);
      } catch (error) {
        this.#o.log.error({ bucket: 'agent_groups', key, error: messageOf(error) }, 'a membership cannot be read');
        return;
      }
    }
    for (const listener of this.#onEntry) listener(key);
  }
}
