import type { Command, Shell } from '#core/contract/command.ts';
import type { Target } from '#core/contract/submission.ts';
import type { TargetState } from '#core/contract/target-state.ts';
import { instant } from '#core/contract/time.ts';
import { KEEP_EXECUTIONS } from '../retention.ts';
import { type Database, query } from './open-reader.ts';
import { pageOfRows } from './page.ts';
import { scriptPreview } from './script-preview.ts';
import { countsAtRead } from './states.ts';

/** What a list of executions shows. What only the submission tells is null while that is not known (the seeds' commands have none). */
export interface ExecutionSummary {
  exec_id: string;
  /** `done`: no PC is queued or running any more. */
  status: 'running' | 'done';
  /** When the broker stored the submission, or the first that was heard of it. */
  recorded_at: string;
  submitted_at: string | null;
  actor: string | null;
  job_id: string | null;
  shell: Shell | null;
  /** The version that agents are to become, where it is no script. */
  update_version: string | null;
  /** Null also when the script is too long to be in the command. */
  script_preview: string | null;
  target: Target | null;
  target_count: number;
  counts: Record<TargetState, number>;
  expires_at: string | null;
  cancelled: { at: string; actor: string; reason: string | null } | null;
  rerun_of: string | null;
  /** Of what a schedule fired. */
  schedule_id: string | null;
  nominal_at: string | null;
  attempt: number | null;
  /** Of a wave of a rollout; the first is 0. */
  rollout_id: string | null;
  wave: number | null;
}

export interface ExecutionView extends ExecutionSummary {
  /** The command as it was sent; `script_sha256` in place of a long script. */
  command: Command | null;
  broadcast: boolean | null;
}

interface Row {
  exec_id: string;
  first_recorded: number;
  submitted_recorded: number | null;
  submitted_at: string | null;
  actor: string | null;
  job_id: string | null;
  shell: Shell | null;
  update_version: string | null;
  script: string | null;
  target: string | null;
  target_count: number | null;
  expires_at: number | null;
  cancelled_at: string | null;
  cancelled_by: string | null;
  cancel_reason: string | null;
  rerun_of: string | null;
  schedule_id: string | null;
  nominal_at: number | null;
  attempt: number | null;
  rollout_id: string | null;
  wave: number | null;
}

const COLUMNS = `exec_id, first_recorded, submitted_recorded, submitted_at, actor, job_id, target, target_count, expires_at,
  cancelled_at, cancelled_by, cancel_reason, rerun_of, schedule_id, nominal_at, attempt, rollout_id, wave,
  command ->> '$.shell' AS shell, command ->> '$.update.version' AS update_version, command ->> '$.script' AS script`;

/** The place of an execution in the list, newest first. */
export interface ExecutionCursor {
  recorded: number;
  execId: string;
}

export interface ExecutionQuery {
  jobId?: string;
  actor?: string;
  scheduleId?: string;
  rolloutId?: string;
  /** It was for this PC. */
  pc?: string;
  /** At least one PC, or with `pc` that one, is in one of these states. */
  states?: readonly TargetState[];
  /** Milliseconds since 1970, inclusive. */
  since?: number;
  before?: ExecutionCursor;
  limit: number;
  now: number;
}

export function listExecutions(db: Database, q: ExecutionQuery): { items: ExecutionSummary[]; next?: ExecutionCursor } {
  const { jobId, actor, states, before, limit, now } = q;
  const where = ['first_recorded > ?', '(first_recorded, exec_id) < (?, ?)'];
  const values: (string | number)[] = [
    Math.max(now - KEEP_EXECUTIONS, (q.since ?? 0) - 1),
    before?.recorded ?? Number.MAX_SAFE_INTEGER,
    before?.execId ?? '',
  ];
  if (jobId !== undefined) {
    where.push('job_id = ?');
    values.push(jobId);
  }
  if (actor !== undefined) {
    where.push('actor = ?');
    values.push(actor);
  }
  if (q.scheduleId !== undefined) {
    where.push('schedule_id = ?');
    values.push(q.scheduleId);
  }
  if (q.rolloutId !== undefined) {
    where.push('rollout_id = ?');
    values.push(q.rolloutId);
  }
  // By the key of the row, newest execution first: an index by PC would be one more to write for every row there is.
  if (q.pc !== undefined && states === undefined) {
    where.push('EXISTS (SELECT 1 FROM targets t WHERE t.exec_id = executions.exec_id AND t.pc_id = ?)');
    values.push(q.pc);
  }
  if (states !== undefined) where.push(`(${states.map((state) => hasState(state, q.pc, values, now)).join(' OR ')})`);
  const found = query<Row>(
    db,
    `SELECT ${COLUMNS} FROM executions WHERE ${where.join(' AND ')} ORDER BY first_recorded DESC, exec_id DESC LIMIT ?`,
  ).all(...values, limit + 1);
  const { rows, last } = pageOfRows(found, limit);
  return {
    items: rows.map((row) => summary(db, row, now)),
    ...(last === undefined ? {} : { next: { recorded: last.first_recorded, execId: last.exec_id } }),
  };
}

function hasState(state: TargetState, pc: string | undefined, values: (string | number)[], now: number): string {
  const has = (stored: TargetState) => {
    values.push(...(pc === undefined ? [stored] : [pc, stored]));
    return pc === undefined
      ? 'EXISTS (SELECT 1 FROM exec_counts c WHERE c.exec_id = executions.exec_id AND c.state = ?)'
      : 'EXISTS (SELECT 1 FROM targets t WHERE t.exec_id = executions.exec_id AND t.pc_id = ? AND t.state = ?)';
  };
  const found = has(state);
  if (state === 'queued') {
    values.push(now);
    return `(${found} AND (expires_at IS NULL OR expires_at > ?))`;
  }
  if (state !== 'expired') return found;
  const waiting = has('queued');
  values.push(now);
  return `(${found} OR (${waiting} AND expires_at <= ?))`;
}

export function getExecution(db: Database, execId: string, now: number): ExecutionView | undefined {
  const row = query<Row & { command: string | null; broadcast: number | null }>(
    db,
    `SELECT ${COLUMNS}, command, broadcast FROM executions WHERE exec_id = ?`,
  ).get(execId);
  if (row === undefined || (row.submitted_recorded !== null && row.submitted_recorded <= now - KEEP_EXECUTIONS)) return undefined;
  return {
    ...summary(db, row, now),
    command: row.command === null ? null : (JSON.parse(row.command) as Command),
    broadcast: row.broadcast === null ? null : row.broadcast === 1,
  };
}

/** Its PCs by state; undefined while its submission is not projected. */
export function submittedCounts(db: Database, execId: string, now: number): Record<TargetState, number> | undefined {
  const found = query<{ submitted_recorded: number | null; expires_at: number | null }>(
    db,
    'SELECT submitted_recorded, expires_at FROM executions WHERE exec_id = ?',
  ).get(execId);
  if (found === undefined || found.submitted_recorded === null) return undefined;
  return countsOf(db, execId, found.expires_at, now);
}

/** True when its submission is projected and no PC is left that may still run it or is running it. */
export function isClosed(db: Database, execId: string, now: number): boolean {
  const counts = submittedCounts(db, execId, now);
  return counts !== undefined && counts.queued === 0 && counts.running === 0;
}

/** Whether it was sent to all at once, or nobody has said yet. */
export function wasBroadcast(db: Database, execId: string): boolean {
  const found = query<{ broadcast: number | null }>(db, 'SELECT broadcast FROM executions WHERE exec_id = ?').get(execId);
  return found?.broadcast !== 0;
}

/** Executions with PCs that are running it or may still do so. */
export function openExecutionIds(db: Database, now: number): string[] {
  const rows = query<{ exec_id: string }>(
    db,
    `SELECT exec_id FROM executions
       WHERE expires_at > ? AND EXISTS (SELECT 1 FROM exec_counts c WHERE c.exec_id = executions.exec_id AND c.state = 'queued')
     UNION ALL SELECT exec_id FROM exec_counts WHERE state = 'running'`,
  ).all(now);
  return [...new Set(rows.map((row) => row.exec_id))];
}

function summary(db: Database, row: Row, now: number): ExecutionSummary {
  const counts = countsOf(db, row.exec_id, row.expires_at, now);
  return {
    exec_id: row.exec_id,
    status: counts.queued + counts.running > 0 ? 'running' : 'done',
    recorded_at: instant(row.first_recorded),
    submitted_at: row.submitted_at,
    actor: row.actor,
    job_id: row.job_id,
    shell: row.shell,
    update_version: row.update_version,
    script_preview: scriptPreview(row.script),
    target: row.target === null ? null : (JSON.parse(row.target) as Target),
    target_count: row.target_count ?? Object.values(counts).reduce((sum, n) => sum + n, 0),
    counts,
    expires_at: row.expires_at === null ? null : instant(row.expires_at),
    cancelled:
      row.cancelled_at === null || row.cancelled_by === null
        ? null
        : { at: row.cancelled_at, actor: row.cancelled_by, reason: row.cancel_reason },
    rerun_of: row.rerun_of,
    schedule_id: row.schedule_id,
    nominal_at: row.nominal_at === null ? null : instant(row.nominal_at),
    attempt: row.attempt,
    rollout_id: row.rollout_id,
    wave: row.wave,
  };
}

function countsOf(db: Database, execId: string, expiresAt: number | null, now: number): Record<TargetState, number> {
  const rows = query<{ state: TargetState; n: number }>(db, 'SELECT state, n FROM exec_counts WHERE exec_id = ?').all(execId);
  return countsAtRead(rows, expiresAt, now);
}
