import {
  any,
  array,
  boolean,
  enums,
  type Infer,
  integer,
  literal,
  min,
  number,
  optional,
  pattern,
  record,
  size,
  string,
  type,
  union,
} from 'superstruct';
import { Id } from './ids.ts';
import { Instant } from './time.ts';
import { Version } from './version.ts';

export const SHELLS = ['powershell', 'pwsh', 'cmd', 'sh'] as const;
export type Shell = (typeof SHELLS)[number];
export const isPowerShell = (shell: Shell): boolean => shell === 'powershell' || shell === 'pwsh';

export const RUN_AS = ['system', 'user'] as const;
/** Which of the active sessions a script for users runs in: the first (that at the console, else the lowest number), or each. */
export const SESSIONS = ['first', 'all'] as const;
export type Sessions = (typeof SESSIONS)[number];

/** What a job's `staleness` says about reading its pin and revocation (reference: fire-time rules). */
export const Staleness = union([
  type({ mode: literal('cached') }),
  type({ mode: literal('unchecked') }),
  type({ mode: literal('strict'), max_cache_age_secs: min(number(), 0) }),
]);

/** An exit code as Windows has it: unsigned 32-bit. */
export const ExitCode = size(integer(), 0, 0xffff_ffff);

/** What the agent is to become in place of running a script: that version, out of the release whose signed manifest has this SHA-256. */
export const Update = type({ version: Version, envelope_sha256: pattern(string(), /^[0-9a-f]{64}$/) });
export type Update = Infer<typeof Update>;

/**
 * The command an agent carries out, a script or an update: the same bytes on every subject. Only what the seeds require of a
 * script is required; our own commands carry all but the truly optional fields (design section 3). An update has no shell,
 * without which the seeds take nothing.
 */
export const Command = type({
  id: string(),
  version: string(),
  request_id: size(string(), 1, 256),
  exec_id: optional(Id),
  schedule_id: optional(Id),
  nominal_at: optional(Instant),
  issued_at: optional(Instant),
  /** Who asked for it, for the records of the PC; nothing depends on it there. */
  actor: optional(string()),
  shell: optional(enums(SHELLS)),
  script: optional(string()),
  script_sha256: optional(string()),
  args: optional(array(any())),
  params: optional(record(string(), any())),
  env: optional(record(string(), string())),
  timeout_secs: min(number(), 0),
  run_as: optional(enums(RUN_AS)),
  sessions: optional(enums(SESSIONS)),
  cwd: optional(string()),
  success_exit_codes: optional(array(ExitCode)),
  fail_on_native: optional(boolean()),
  jitter_secs: optional(min(number(), 0)),
  expires_at: optional(Instant),
  staleness: optional(Staleness),
  /** What the script writes to stdout is JSON, and this section of the PC's inventory. */
  inventory_section: optional(string()),
  update: optional(Update),
});
export type Command = Infer<typeof Command>;
export type ScriptCommand = Command & { shell: Shell; update?: undefined };
export type UpdateCommand = Command & { update: Update };

export const isScript = (command: Command): command is ScriptCommand => command.shell !== undefined && command.update === undefined;
export const isUpdate = (command: Command): command is UpdateCommand => command.update !== undefined;

/** The `id` of commands that come from no job; not a job's id, so nothing can pin or revoke it. */
export const AD_HOC = 'ad-hoc';

export const DEFAULT_SUCCESS_EXIT_CODES: readonly number[] = [0, 3010, 1641];
/** ERROR_SUCCESS_REBOOT_REQUIRED and ERROR_SUCCESS_REBOOT_INITIATED (Windows Installer). */
export const REBOOT_EXIT_CODES: readonly number[] = [3010, 1641];
