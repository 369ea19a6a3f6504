import { boolean, enums, type Infer, integer, nullable, optional, size, string, type } from 'superstruct';
import { ExitCode } from './command.ts';
import { Id } from './ids.ts';
import { OUTPUT_CHUNKS_MAX } from './streams.ts';
import { Instant } from './time.ts';

/** What happened, never read from the exit code: a script may exit with any number. */
export const OUTCOMES = ['succeeded', 'failed', 'timed_out', 'killed', 'unknown', 'skipped'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The PowerShell error that ended a script. */
export const ErrorRecord = type({
  message: string(),
  fully_qualified_error_id: optional(string()),
  category: optional(string()),
  exception_type: optional(string()),
  script_stack_trace: optional(string()),
  position: optional(string()),
});
export type ErrorRecord = Infer<typeof ErrorRecord>;

/**
 * `results.<exec>.<pc>`. stdout and stderr are text; when `*_chunks` is there, the exact bytes lie in OUTPUT
 * (`output.<pc>.<result>.<stream>.<0..chunks-1>`) and the text is a preview, either because they are long or
 * because they are not UTF-8. `*_bytes` counts what the script wrote, also what the cap dropped.
 */
export const ExecResult = type({
  result_id: Id,
  request_id: size(string(), 1, 256),
  exec_id: Id,
  pc_id: Id,
  manifest_id: string(),
  version: string(),
  exit_code: nullable(ExitCode),
  outcome: enums(OUTCOMES),
  /** A word for the outcome: expired, superseded, revoked, cancelled, execution_policy, agent_stop, ... */
  reason: optional(string()),
  detail: optional(string()),
  stdout: string(),
  stderr: string(),
  stdout_bytes: integer(),
  stderr_bytes: integer(),
  stdout_chunks: optional(size(integer(), 0, OUTPUT_CHUNKS_MAX)),
  stderr_chunks: optional(size(integer(), 0, OUTPUT_CHUNKS_MAX)),
  stdout_truncated: optional(boolean()),
  stderr_truncated: optional(boolean()),
  error_record: optional(ErrorRecord),
  reboot_required: optional(boolean()),
  /** Null when no process was started. */
  started_at: nullable(Instant),
  finished_at: Instant,
});
export type ExecResult = Infer<typeof ExecResult>;
