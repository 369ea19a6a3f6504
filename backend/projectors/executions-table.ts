import type { Database } from 'better-sqlite3';

/** What the facts about single PCs need to know of their execution. */
export interface ExecRow {
  exec_id: string;
  first_recorded: number;
  last_recorded: number;
  submitted_recorded: number | null;
  own: number;
  /** Null while the submission is not known. */
  broadcast: number | null;
  timeout_ms: number | null;
  cancelled_recorded: number | null;
  cancel_reason: string | null;
  /** The last cancellation without a list: rows made later carry it. */
  cancelled_seq: number | null;
  /** Of the schedule that fired it, and the version of the job it ran. */
  schedule_id: string | null;
  version: string | null;
}

/**
 * The execution rows a transaction meets, each read once and written once. A fact that comes before its submission, or
 * that never has one (the seeds' commands), makes the row.
 */
export class ExecutionsTable {
  readonly #known = new Map<string, ExecRow>();
  readonly #changed = new Set<ExecRow>();
  readonly #statements: ExecStatements;

  constructor(statements: ExecStatements) {
    this.#statements = statements;
  }

  /** The row, made when it is not there; a fact of `recorded` was met. */
  meet(execId: string, recorded: number, own: boolean): ExecRow {
    let row = this.#known.get(execId) ?? this.#statements.get.get(execId);
    if (row === undefined) {
      row = {
        exec_id: execId,
        first_recorded: recorded,
        last_recorded: recorded,
        submitted_recorded: null,
        own: own ? 1 : 0,
        broadcast: null,
        timeout_ms: null,
        cancelled_recorded: null,
        cancel_reason: null,
        cancelled_seq: null,
        schedule_id: null,
        version: null,
      };
      this.#statements.make.run(execId, recorded, recorded, row.own);
    } else if (row.submitted_recorded === null) {
      // Only these rows live by their facts; a submitted one lives by its submission.
      if (recorded < row.first_recorded || recorded > row.last_recorded || (own && row.own === 0)) this.#changed.add(row);
      row.first_recorded = Math.min(row.first_recorded, recorded);
      row.last_recorded = Math.max(row.last_recorded, recorded);
      row.own = own ? 1 : row.own;
    }
    this.#known.set(execId, row);
    return row;
  }

  flush(): void {
    for (const row of this.#changed) {
      if (row.submitted_recorded === null) this.#statements.span.run(row.first_recorded, row.last_recorded, row.own, row.exec_id);
    }
  }
}

export type ExecStatements = ReturnType<typeof prepareExecutions>;

export function prepareExecutions(db: Database) {
  return {
    get: db.prepare<[string], ExecRow>(
      `SELECT exec_id, first_recorded, last_recorded, submitted_recorded, own, broadcast, timeout_ms, cancelled_recorded,
         cancel_reason, cancelled_seq, schedule_id, version FROM executions WHERE exec_id = ?`,
    ),
    make: db.prepare<[string, number, number, number]>(
      'INSERT INTO executions (exec_id, first_recorded, last_recorded, own) VALUES (?, ?, ?, ?)',
    ),
    span: db.prepare<[number, number, number, string]>(
      'UPDATE executions SET first_recorded = ?, last_recorded = ?, own = ? WHERE exec_id = ?',
    ),
    submit: db.prepare(
      `UPDATE executions SET first_recorded = @recorded, last_recorded = @recorded, submitted_recorded = @recorded, own = 1,
         submitted_at = @submitted_at, actor = @actor, job_id = @job_id, target = @target, broadcast = @broadcast,
         target_count = @target_count, command = @command, timeout_ms = @timeout_ms, expires_at = @expires_at, rerun_of = @rerun_of,
         schedule_id = @schedule_id, nominal_at = @nominal_at, attempt = @attempt, run_now = @run_now, version = @version,
         rollout_id = @rollout_id, wave = @wave
       WHERE exec_id = @exec_id`,
    ),
    sawCancel: db.prepare<[number, string]>('UPDATE executions SET cancelled_seq = ? WHERE exec_id = ?'),
    cancel: db.prepare(
      `UPDATE executions SET cancelled_recorded = @recorded, cancelled_at = @at, cancelled_by = @actor, cancel_reason = @reason
       WHERE exec_id = @exec_id`,
    ),
  };
}
