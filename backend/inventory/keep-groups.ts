import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { PcSection } from '#core/contract/subjects.ts';
import type { Nats } from '#core/nats/connection.ts';
import { REOPEN_PAUSE, sleepOrWake, Wake } from '#core/nats/retry.ts';
import type { Agents } from '../agents/agents.ts';
import { endReached } from '../lease/caught-up.ts';
import type { Projection } from '../projectors/projection.ts';
import type { Database } from '../projectors/read/open-reader.ts';
import type { DynamicGroups, GroupToFind } from './dynamic-groups.ts';
import { lookAtPc } from './look-at-pc.ts';
import { findPcs } from './search.ts';
import type { Slice, Slices } from './slices.ts';

export interface KeepGroupsContext {
  nats: Nats;
  agents: Pick<Agents, 'enrolled' | 'isEnrolled' | 'onEntry'>;
  dynamicGroups: DynamicGroups;
  projection: Pick<Projection, 'passed' | 'status' | 'onCommit'>;
  /** A connection of its own: what belongs together is read of one state of the database, however long that takes. */
  db: Database;
  slices: Slices;
  mono: () => number;
  log: Log;
}

/** Milliseconds that what changed is gathered: a PC says one section after the other. */
const GATHER = 1000;
/** What is deleted for its age is no commit, and nobody waits for it. */
const ALL_AGAIN = 3_600_000;
const TRY_AGAIN = 5000;

/**
 * Keeps who is in which dynamic group: of a new definition the whole fleet is asked, after that only the PCs of which a
 * section has come. Nothing is found before the projection holds all that INVENTORY held when it was begun.
 */
export async function keepGroups(ctx: KeepGroupsContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await endReached(ctx, 'INVENTORY', signal);
      break;
    } catch (error) {
      if (signal.aborted) return;
      ctx.log.warn({ error: messageOf(error) }, 'it cannot be told how far INVENTORY is projected: trying again');
      await sleepOrWake(REOPEN_PAUSE, ctx.nats.tracker.connectedAgain, signal).catch(() => {});
    }
  }
  if (!signal.aborted) await new Keeper(ctx, signal).run();
}

/** The sections of which something has come; undefined for all, when it is news that there is such a PC. */
type Touched = Map<string, Set<string> | undefined>;

class Keeper {
  readonly #ctx: KeepGroupsContext;
  readonly #signal: AbortSignal;
  readonly #wake = new Wake();
  /** The PCs that were enrolled when they were last asked about. */
  readonly #known: Set<string>;
  /** What gathers, and since when. */
  #touched: Touched = new Map();
  #since = Number.POSITIVE_INFINITY;
  /** What is being looked at. */
  #due: Touched = new Map();
  #again: GroupToFind[] = [];
  #againAt: number;
  /** Groups that could not be found, by when to try again. */
  readonly #later = new Map<string, number>();

  constructor(ctx: KeepGroupsContext, signal: AbortSignal) {
    this.#ctx = ctx;
    this.#signal = signal;
    this.#known = new Set(ctx.agents.enrolled());
    this.#againAt = ctx.mono() + ALL_AGAIN;
    const { agents, dynamicGroups, projection } = ctx;
    const stop = projection.onCommit(({ sections }) => {
      for (const about of sections) this.#touch(about);
    });
    signal.addEventListener('abort', stop, { once: true });
    agents.onEntry((pc) => this.#entryChanged(pc), signal);
    dynamicGroups.onChange(() => this.#wake.fire(), signal);
  }

  async run(): Promise<void> {
    const { dynamicGroups } = this.#ctx;
    while (!this.#signal.aborted) {
      const group = dynamicGroups.unfound().find(({ key }) => this.#mayTry(key)) ?? this.#again.pop();
      if (group !== undefined) {
        await this.#find(group);
        continue;
      }
      dynamicGroups.ready = true;
      const pc = this.#nextPc();
      if (pc !== undefined) await this.#look(pc);
      else await sleepOrWake(this.#nextAt() - this.#ctx.mono(), this.#wake, this.#signal).catch(() => {});
    }
  }

  #touch({ pc, section }: PcSection): void {
    const sections = this.#touched.has(pc) ? this.#touched.get(pc) : new Set<string>();
    this.#gather(pc, sections?.add(section));
  }

  #gather(pc: string, sections: Set<string> | undefined): void {
    this.#touched.set(pc, sections);
    if (this.#since !== Number.POSITIVE_INFINITY) return;
    this.#since = this.#ctx.mono();
    this.#wake.fire();
  }

  #entryChanged(pc: string): void {
    if (!this.#ctx.agents.isEnrolled(pc)) this.#known.delete(pc);
    else if (!this.#known.has(pc)) {
      this.#known.add(pc);
      this.#gather(pc, undefined);
    }
  }

  #mayTry(key: string): boolean {
    return (this.#later.get(key) ?? 0) <= this.#ctx.mono();
  }

  #nextPc(): string | undefined {
    const now = this.#ctx.mono();
    if (this.#due.size === 0 && now >= this.#since + GATHER) {
      this.#due = this.#touched;
      this.#touched = new Map();
      this.#since = Number.POSITIVE_INFINITY;
    }
    return this.#due.keys().next().value;
  }

  #nextAt(): number {
    const { mono, dynamicGroups } = this.#ctx;
    if (mono() >= this.#againAt) {
      this.#againAt = mono() + ALL_AGAIN;
      this.#again = dynamicGroups.found();
      return mono();
    }
    return Math.min(this.#since + GATHER, this.#againAt, ...dynamicGroups.unfound().map(({ key }) => this.#later.get(key) ?? 0));
  }

  /** All who are in one group. */
  async #find(group: GroupToFind): Promise<void> {
    const { agents, db, dynamicGroups, mono } = this.#ctx;
    try {
      const { pcs } = await this.#reading((slice) => findPcs(db, group.query, agents.enrolled(), slice));
      this.#later.delete(group.key);
      dynamicGroups.setMembers(group, pcs);
    } catch (error) {
      this.#later.set(group.key, mono() + TRY_AGAIN);
      this.#say({ group: group.definition.group }, error);
    }
  }

  /** In which groups one PC is, of those that ask for what has come of it. */
  async #look(pc: string): Promise<void> {
    const { agents, db, dynamicGroups } = this.#ctx;
    const sections = this.#due.get(pc);
    this.#due.delete(pc);
    if (!agents.isEnrolled(pc)) return;
    const groups = dynamicGroups.found().filter((group) => sections === undefined || !group.sections.isDisjointFrom(sections));
    if (groups.length === 0) return;
    try {
      dynamicGroups.setMember(pc, await this.#reading((slice) => lookAtPc(db, pc, groups, slice)));
    } catch (error) {
      this.#gather(pc, undefined);
      this.#say({ pc }, error);
    }
  }

  async #reading<T>(work: (slice: Slice) => Promise<T>): Promise<T> {
    const { db, slices } = this.#ctx;
    db.exec('BEGIN');
    try {
      return await work(slices.begin(this.#signal));
    } finally {
      if (db.inTransaction) db.exec('ROLLBACK');
    }
  }

  #say(about: object, error: unknown): void {
    if (this.#signal.aborted) return;
    this.#ctx.log.warn({ ...about, error: messageOf(error) }, 'who is in a dynamic group could not be found out: trying again');
  }
}
