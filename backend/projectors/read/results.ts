import { parseJson } from '#core/contract/codec.ts';
import { resultId as derivedResultId } from '#core/contract/ids.ts';
import type { ErrorRecord, ExecResult, Outcome } from '#core/contract/result.ts';
import { instant } from '#core/contract/time.ts';
import { type Database, query } from './open-reader.ts';

/** A result as its PC sent it. */
export interface ResultView {
  result_id: string;
  request_id: string;
  exec_id: string;
  pc_id: string;
  manifest_id: string;
  version: string;
  outcome: Outcome;
  reason: string | null;
  detail: string | null;
  exit_code: number | null;
  reboot_required: boolean;
  /** The whole text, or a preview when there are chunks. */
  stdout: string;
  stderr: string;
  /** Bytes that the script wrote, also what the cap dropped. */
  stdout_bytes: number;
  stderr_bytes: number;
  /** In OUTPUT, under `output.<pc>.<result>.<stream>.<n>`; 0 when the text is all of it. */
  stdout_chunks: number;
  stderr_chunks: number;
  stdout_truncated: boolean;
  stderr_truncated: boolean;
  error_record: ErrorRecord | null;
  started_at: string | null;
  finished_at: string;
  recorded_at: string;
}

export function getResult(db: Database, resultId: string): ResultView | undefined {
  const rows = query<{ rowid: number; pc_id: string; exec_id: string; recorded: number }>(
    db,
    'SELECT rowid, pc_id, exec_id, recorded FROM results WHERE result_id = ? ORDER BY recorded, pc_id',
  ).all(resultId);
  const row = rightful(resultId, rows, ({ exec_id, pc_id }) => derivedResultId(exec_id, pc_id));
  if (row === undefined) return undefined;
  const found = query<{ body: Uint8Array }>(db, 'SELECT body FROM results WHERE rowid = ?').get(row.rowid)!;
  const body = parseJson(found.body) as ExecResult;
  return {
    result_id: resultId,
    request_id: body.request_id,
    exec_id: row.exec_id,
    pc_id: row.pc_id,
    manifest_id: body.manifest_id,
    version: body.version,
    outcome: body.outcome,
    reason: body.reason ?? null,
    detail: body.detail ?? null,
    exit_code: body.exit_code,
    reboot_required: body.reboot_required ?? false,
    stdout: body.stdout,
    stderr: body.stderr,
    stdout_bytes: body.stdout_bytes,
    stderr_bytes: body.stderr_bytes,
    stdout_chunks: body.stdout_chunks ?? 0,
    stderr_chunks: body.stderr_chunks ?? 0,
    stdout_truncated: body.stdout_truncated ?? false,
    stderr_truncated: body.stderr_truncated ?? false,
    error_record: body.error_record ?? null,
    started_at: body.started_at,
    finished_at: body.finished_at,
    recorded_at: instant(row.recorded),
  };
}

/** What a script wrote, for lists: only when the whole result is short, and undefined otherwise. */
export function shortOutput(
  db: Database,
  { resultId, execId, pcId }: { resultId: string; execId: string; pcId: string },
  maxBytes: number,
): Pick<ResultView, 'stdout' | 'stderr'> | undefined {
  const found = query<{ body: Uint8Array }>(
    db,
    'SELECT body FROM results WHERE result_id = ? AND pc_id = ? AND exec_id = ? AND length(body) <= ?',
  ).get(resultId, pcId, execId, maxBytes);
  if (found === undefined) return undefined;
  const { stdout, stderr, stdout_chunks, stderr_chunks } = parseJson(found.body) as ExecResult;
  return stdout_chunks || stderr_chunks ? undefined : { stdout, stderr };
}

/** Where a result id is running at this moment, before there is a result. */
export function findRun(db: Database, resultId: string): { execId: string; pcId: string } | undefined {
  const rows = query<{ execId: string; pcId: string }>(
    db,
    "SELECT exec_id AS execId, pc_id AS pcId FROM targets WHERE state = 'running' AND started_result_id = ?",
  ).all(resultId);
  return rightful(resultId, rows, ({ execId, pcId }) => derivedResultId(execId, pcId));
}

/**
 * A PC may say any result id under its own name, another PC's too. Ours are hashes of execution and PC, so that the right
 * row is known; the seeds' are random, and of these the first stored is meant.
 */
function rightful<T>(resultId: string, rows: readonly T[], derived: (row: T) => string): T | undefined {
  return rows.find((row) => derived(row) === resultId) ?? rows[0];
}
