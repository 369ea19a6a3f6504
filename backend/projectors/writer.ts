import type { Database } from 'better-sqlite3';
import { type PcSection, pcAndSection } from '#core/contract/subjects.ts';
import { applyCancelled, applyLost, applySubmitted } from './apply-execution.ts';
import { applyResult, applyStarted, type TargetWriter } from './apply-target.ts';
import { type BeginOf, BeginUnknown } from './begins.ts';
import { prepareCompletions } from './completions-table.ts';
import { Counts, prepareCounts } from './counts.ts';
import { isCorrupt, isPassing } from './database.ts';
import { dead, factOf } from './decode.ts';
import { ExecutionsTable, prepareExecutions } from './executions-table.ts';
import type { Item } from './fact.ts';
import { applyInventory, passInventory } from './inventory/apply.ts';
import { admit, prepareQuota, type Surplus } from './inventory/quota.ts';
import { prepareInventory } from './inventory/tables.ts';
import { applyAgentEvent, applyAudit, applyDead, deadLetterId, prepareSaid, previewOf } from './said.ts';
import { prepareStrangers } from './strangers.ts';
import type { ProjectedStream } from './streams.ts';
import { prepareTargets } from './targets-table.ts';
import { isWeighed, Volumes, type WeighedStream } from './volumes.ts';

export interface Committed {
  execIds: Set<string>;
  /** Of INVENTORY what messages were about, dead letters too. */
  sections: PcSection[];
  /** PCs that have more in the stream than they may. */
  surplus: Surplus[];
  rows: number;
  deadLetters: number;
}

/** One item that could not be written for what it holds: the transaction was rolled back. */
class Unwritable extends Error {
  readonly index: number;

  constructor(index: number, cause: unknown) {
    super('an item cannot be written', { cause });
    this.index = index;
  }
}

/** Writes batches of facts, each in one transaction with the stream's position. Throws what passes (isPassing) or is for good (isCorrupt). */
export class Writer {
  readonly #db: Database;
  readonly #executions;
  readonly #targets;
  readonly #counts;
  readonly #said;
  readonly #strangers;
  readonly #completions;
  readonly #inventory;
  readonly #quota;
  readonly #volumes;
  readonly #position;

  /** `begin`: since when a PC has its name; as if nobody ever took one over. May throw `BeginUnknown`, and so does `commit` then. */
  constructor(db: Database, begin: BeginOf = () => 0) {
    this.#db = db;
    this.#executions = prepareExecutions(db);
    this.#targets = prepareTargets(db);
    this.#counts = prepareCounts(db);
    this.#said = prepareSaid(db);
    this.#strangers = prepareStrangers(db);
    this.#completions = prepareCompletions(db);
    this.#inventory = prepareInventory(db);
    this.#quota = prepareQuota(db);
    this.#volumes = new Volumes(db, begin);
    this.#position = db.prepare<[number, string]>('UPDATE projector SET seq = ? WHERE stream = ?');
  }

  /** A stream is read from here on, and may hold so many bytes. */
  opened(stream: ProjectedStream, streamBytes: number): void {
    if (isWeighed(stream)) this.#volumes.opened(stream, streamBytes);
  }

  commit(stream: ProjectedStream, items: readonly Item[], seq: number): Committed {
    let left = items;
    for (;;) {
      try {
        return this.#transaction(left, () => this.#position.run(seq, stream), isWeighed(stream) ? stream : undefined);
      } catch (error) {
        this.#volumes.forget();
        if (!(error instanceof Unwritable)) throw error;
        const item = left[error.index]!;
        // Not even the dead letter can be written: that is nothing about the item.
        if (item.fact.kind === 'dead') throw error.cause;
        left = left.with(error.index, asDead(item, error.cause));
      }
    }
  }

  /** A dead letter tried again: it goes when its message can be projected now. */
  retry(item: Item): { committed: Committed; projected: boolean } {
    try {
      const committed = this.#transaction([item], ({ deadLetters }) => {
        if (deadLetters === 0) this.#said.buried.run(deadLetterId(item.place));
      });
      return { committed, projected: committed.deadLetters === 0 };
    } catch (error) {
      if (!(error instanceof Unwritable)) throw error;
      return { committed: this.#transaction([asDead(item, error.cause)], () => {}), projected: false };
    }
  }

  /** `weighed`: the stream whose messages count for their PC now, if they do. */
  #transaction(items: readonly Item[], then: (committed: Committed) => void, weighed?: WeighedStream): Committed {
    return this.#db
      .transaction(() => {
        const counts = new Counts();
        const executions = new ExecutionsTable(this.#executions);
        const execIds = new Set<string>();
        const surplus = new Map<string, number[]>();
        const writer: TargetWriter = {
          executions,
          targets: this.#targets,
          counts,
          said: this.#said,
          strangers: this.#strangers,
          completions: this.#completions,
          deadLetters: 0,
        };
        for (const [index, item] of items.entries()) {
          try {
            const admitted = this.#admitted(item, surplus, weighed);
            this.#apply(writer, admitted);
            if ('exec' in admitted.fact) execIds.add(admitted.fact.exec);
          } catch (error) {
            if (isPassing(error) || isCorrupt(error) || error instanceof BeginUnknown) throw error;
            throw new Unwritable(index, error);
          }
        }
        executions.flush();
        counts.flush(this.#counts);
        this.#volumes.flush();
        const committed = {
          execIds,
          sections: items.flatMap(sectionOf),
          surplus: [...surplus].map(([pc, refused]) => ({ pc, refused })),
          rows: items.length,
          deadLetters: writer.deadLetters,
        };
        then(committed);
        return committed;
      })
      .immediate();
  }

  /** What a PC says as a fact, if it may say so much. */
  #admitted(item: Item, surplus: Map<string, number[]>, weighed: WeighedStream | undefined): Item {
    const { place, fact, bytes } = item;
    if (weighed !== undefined) {
      const judged = this.#volumes.judge(place, weighed, bytes.length);
      if (judged !== undefined) {
        // Of each transaction the first is told, whatever a flood may be.
        if (surplus.has(judged.pc)) return { ...item, fact: { kind: 'surplus' } };
        surplus.set(judged.pc, []);
        return { ...item, fact: judged.refusal };
      }
    }
    const refusal = place.stream === 'INVENTORY' ? admit(this.#quota, place, bytes.length, surplus) : undefined;
    return { ...item, fact: refusal ?? (fact.kind === 'unread' ? factOf(place.stream, place.subject, bytes) : fact) };
  }

  #apply(w: TargetWriter, { place, fact, pcs, bytes }: Item): void {
    switch (fact.kind) {
      case 'started':
        applyStarted(w, place, fact, bytes);
        break;
      case 'result':
        applyResult(w, place, fact, bytes);
        break;
      case 'submitted':
        applySubmitted(w, this.#executions, place, fact, pcs!);
        break;
      case 'cancelled':
        applyCancelled(w, this.#executions, place, fact, pcs);
        break;
      case 'lost':
        applyLost(w, place, fact, pcs!);
        break;
      case 'agent_event':
        applyAgentEvent(this.#said, place, fact);
        break;
      case 'audit':
        applyAudit(this.#said, place, fact);
        break;
      case 'inventory':
        applyInventory(this.#inventory, place, fact);
        break;
      case 'completion': {
        const finished = Date.parse(fact.body.finished_at);
        w.completions.note.run(fact.schedule, fact.pc, finished, fact.body.exec_id, fact.body.version, finished);
        break;
      }
      case 'surplus':
        break;
      case 'unread':
        throw new Error(`${place.stream} has messages that are not read`);
      case 'dead':
        w.deadLetters++;
        applyDead(this.#said, { ...place, size: bytes.length, preview: previewOf(bytes) }, fact);
        // What was too much is taken out of the stream again.
        if (place.stream === 'INVENTORY' && fact.code !== 'inventory_full') passInventory(this.#inventory, place);
        break;
    }
  }
}

/** A dead letter takes its place in the stream all the same, and what is older may go by it. */
function sectionOf({ place }: Item): PcSection | [] {
  return (place.stream === 'INVENTORY' ? pcAndSection(place.subject) : undefined) ?? [];
}

function asDead(item: Item, error: unknown): Item {
  return { place: item.place, fact: dead(error), bytes: item.bytes };
}
