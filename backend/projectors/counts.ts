import type { Database } from 'better-sqlite3';
import type { TargetState } from '#core/contract/target-state.ts';

/** Rows by state of each execution, added up over a transaction: a list of executions must not count their PCs. */
export class Counts {
  readonly #deltas = new Map<string, Map<TargetState, number>>();

  /** A row of `from` (undefined: there was none) is one of `to` (undefined: there is none any more). */
  moved(execId: string, from: TargetState | undefined, to: TargetState | undefined): void {
    if (from === to) return;
    let states = this.#deltas.get(execId);
    if (states === undefined) {
      states = new Map();
      this.#deltas.set(execId, states);
    }
    if (from !== undefined) states.set(from, (states.get(from) ?? 0) - 1);
    if (to !== undefined) states.set(to, (states.get(to) ?? 0) + 1);
  }

  flush(statements: CountStatements): void {
    for (const [execId, states] of this.#deltas) {
      for (const [state, delta] of states) if (delta !== 0) statements.add.run(execId, state, delta);
      // A zero would tell in which order the facts came, and a replay would not have it.
      statements.dropZeros.run(execId);
    }
  }
}

export type CountStatements = ReturnType<typeof prepareCounts>;

export function prepareCounts(db: Database) {
  return {
    add: db.prepare<[string, string, number]>(
      'INSERT INTO exec_counts (exec_id, state, n) VALUES (?, ?, ?) ON CONFLICT (exec_id, state) DO UPDATE SET n = n + excluded.n',
    ),
    dropZeros: db.prepare<[string]>('DELETE FROM exec_counts WHERE exec_id = ? AND n = 0'),
  };
}
