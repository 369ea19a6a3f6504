import { any, array, boolean, enums, type Infer, integer, object, optional, record, size, string } from 'superstruct';
import { SHELLS } from '#core/contract/command.ts';
import { TARGET_STATES } from '#core/contract/target-state.ts';
import { ScriptText } from '../schema/structs.ts';

/** The bodies of the execution routes. Strict: a misspelt field is refused, not ignored. */

const RequestedTarget = object({ all: optional(boolean()), groups: optional(array(string())), pcs: optional(array(string())) });

export const ExecutionRequest = object({
  /** Either a script with its shell, or a job. */
  script: optional(ScriptText),
  shell: optional(enums(SHELLS)),
  job_id: optional(string()),
  target: RequestedTarget,
  /** Durations as "60s", "12h", "7d". */
  timeout: optional(string()),
  expires_in: optional(string()),
  jitter: optional(string()),
  run_as: optional(enums(['system', 'user'])),
  args: optional(array(any())),
  params: optional(record(string(), any())),
  env: optional(record(string(), string())),
  cwd: optional(string()),
  success_exit_codes: optional(size(array(size(integer(), 0, 0xffff_ffff)), 1, 100)),
  fail_on_native: optional(boolean()),
});
export type ExecutionRequest = Infer<typeof ExecutionRequest>;

export const CancelRequest = object({ pcs: optional(array(string())) });
export type CancelRequest = Infer<typeof CancelRequest>;

export const RerunRequest = object({ states: size(array(enums(TARGET_STATES)), 1, TARGET_STATES.length) });
export type RerunRequest = Infer<typeof RerunRequest>;
