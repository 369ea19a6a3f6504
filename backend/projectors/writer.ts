import type { Database } from 'better-sqlite3';
import { applyCancelled, applyLost, applySubmitted } from './apply-execution.ts';
import { applyResult, applyStarted, type TargetWriter } from './apply-target.ts';
import { Counts, prepareCounts } from './counts.ts';
import { isCorrupt, isPassing } from './database.ts';
import { dead } from './decode.ts';
import { ExecutionsTable, prepareExecutions } from './executions-table.ts';
import type { Item } from './fact.ts';
import { applyAgentEvent, applyAudit, applyDead, deadLetterId, prepareSaid } from './said.ts';
import type { ProjectedStream } from './streams.ts';
import { prepareTargets } from './targets-table.ts';

export interface Committed {
  execIds: Set<string>;
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
  readonly #position;

  constructor(db: Database) {
    this.#db = db;
    this.#executions = prepareExecutions(db);
    this.#targets = prepareTargets(db);
    this.#counts = prepareCounts(db);
    this.#said = prepareSaid(db);
    this.#position = db.prepare<[number, string]>('UPDATE projector SET seq = ? WHERE stream = ?');
  }

  commit(stream: ProjectedStream, items: readonly Item[], seq: number): Committed {
    let left = items;
    for (;;) {
      try {
        return this.#transaction(left, () => this.#position.run(seq, stream));
      } catch (error) {
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
    const bury = () => this.#said.buried.run(deadLetterId(item.place));
    try {
      if (item.fact.kind !== 'dead') return { committed: this.#transaction([item], bury), projected: true };
      return { committed: this.#transaction([item], () => {}), projected: false };
    } catch (error) {
      if (!(error instanceof Unwritable)) throw error;
      return { committed: this.#transaction([asDead(item, error.cause)], () => {}), projected: false };
    }
  }

  #transaction(items: readonly Item[], then: () => void): Committed {
    return this.#db
      .transaction(() => {
        const counts = new Counts();
        const executions = new ExecutionsTable(this.#executions);
        const committed: Committed = { execIds: new Set(), rows: items.length, deadLetters: 0 };
        const writer: TargetWriter = { executions, targets: this.#targets, counts };
        for (const [index, item] of items.entries()) {
          try {
            this.#apply(writer, item, committed);
          } catch (error) {
            if (isPassing(error) || isCorrupt(error)) throw error;
            throw new Unwritable(index, error);
          }
        }
        executions.flush();
        counts.flush(this.#counts);
        then();
        return committed;
      })
      .immediate();
  }

  #apply(w: TargetWriter, { place, fact, pcs, bytes }: Item, committed: Committed): void {
    if ('exec' in fact) committed.execIds.add(fact.exec);
    switch (fact.kind) {
      case 'started':
        applyStarted(w, place, fact);
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
      case 'dead':
        committed.deadLetters++;
        applyDead(this.#said, place, fact, bytes);
        break;
    }
  }
}

function asDead(item: Item, error: unknown): Item {
  return { place: item.place, fact: dead(error), bytes: item.bytes };
}
