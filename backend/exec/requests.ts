import { any, array, boolean, enums, type Infer, object, optional, record, size, string } from 'superstruct';
import { DEFAULT_SUCCESS_EXIT_CODES, RUN_AS, SESSIONS, SHELLS } from '#core/contract/command.ts';
import { durationText } from '#core/contract/duration.ts';
import { EXPIRES_DEFAULT, EXPIRES_MAX, SCRIPT_MAX, TIMEOUT_DEFAULT, TIMEOUT_MAX } from '#core/contract/streams.ts';
import { TARGET_STATES } from '#core/contract/target-state.ts';
import { Version } from '#core/contract/version.ts';
import { RolloutStruct } from '../rollouts/rollout-struct.ts';
import { annotate, noted } from '../schema/json-schema.ts';
import { DURATION, ExitCodes, ScriptText } from '../schema/structs.ts';

/** The bodies of the execution routes. Strict: a misspelt field is refused, not ignored. What is beyond form, plan.ts and resolve-target.ts check. */

const NAME = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' };
const ENV_NAME = { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_()]*$' };

const duration = (words: string, fallback: string) => noted(string(), { ...DURATION, default: fallback, description: words });

const RequestedTarget = object({
  all: optional(noted(boolean(), { description: 'Every enrolled PC. Not together with names in groups or pcs.' })),
  groups: optional(
    noted(array(string()), { items: NAME, description: 'Their enrolled members. In any case; each needs at least one member.' }),
  ),
  pcs: optional(noted(array(string()), { items: NAME, description: 'pc_ids in any case; each has to be enrolled.' })),
});

export const ExecutionRequest = object({
  script: optional(
    noted(ScriptText, {
      maxLength: SCRIPT_MAX,
      description: 'At most 1,000,000 bytes of UTF-8. Either script and shell, job_id, or update.',
    }),
  ),
  shell: optional(enums(SHELLS)),
  job_id: optional(
    noted(string(), { ...NAME, description: 'A job in place of script, shell, run_as, sessions, cwd and success_exit_codes.' }),
  ),
  update: optional(
    noted(object({ version: optional(annotate(Version, { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$' })) }), {
      description:
        'In place of a script: the agent becomes that version, out of a release that was added; without one the highest. Only target, timeout, expires_in, jitter and rollout go with it.',
    }),
  ),
  target: noted(RequestedTarget, { description: 'Whom: all, or the union of groups and pcs, resolved when it is submitted.' }),
  timeout: optional(
    duration(
      `How long the script may run, 1s to ${durationText(TIMEOUT_MAX)}. Of a job: the time-out it says, unless this does.`,
      durationText(TIMEOUT_DEFAULT),
    ),
  ),
  expires_in: optional(
    duration(`PCs that have not started it by then never will, 1s to ${durationText(EXPIRES_MAX)}.`, durationText(EXPIRES_DEFAULT)),
  ),
  jitter: optional(
    duration(`Each PC waits a random time up to this before it starts, 0s to ${durationText(EXPIRES_MAX)}.`, durationText(0)),
  ),
  run_as: optional(noted(enums(RUN_AS), { default: 'system', description: 'The account of the agent, or the users who are logged on.' })),
  sessions: optional(
    noted(enums(SESSIONS), {
      default: 'first',
      description: 'With run_as user: in the session at the console, else that with the lowest number; or in every active one.',
    }),
  ),
  args: optional(
    noted(array(any()), { description: 'PowerShell takes any JSON; sh takes strings, numbers and booleans; cmd takes none: use env.' }),
  ),
  params: optional(noted(record(string(), any()), { description: 'By name. For powershell and pwsh only.' })),
  env: optional(noted(record(string(), string()), { propertyNames: ENV_NAME, description: 'No name may begin with KANADE_.' })),
  cwd: optional(
    noted(string(), { description: 'The absolute path of a folder on the PC. Without it the script runs in a folder of its own.' }),
  ),
  success_exit_codes: optional(noted(ExitCodes, { default: DEFAULT_SUCCESS_EXIT_CODES, description: 'Exit codes that mean succeeded.' })),
  fail_on_native: optional(
    noted(boolean(), {
      default: false,
      description: 'PowerShell: the exit code of the last program it ran counts even if the script did not exit with it.',
    }),
  ),
  rollout: optional(
    noted(RolloutStruct, { description: 'In waves, whose PCs are fixed now. Each is an execution of its own, which expires by itself.' }),
  ),
});
export type ExecutionRequest = Infer<typeof ExecutionRequest>;

export const CancelRequest = object({
  pcs: optional(noted(array(string()), { items: NAME, description: 'Only on these; without it, on all that have not ended.' })),
});
export type CancelRequest = Infer<typeof CancelRequest>;

export const RerunRequest = object({
  states: noted(size(array(enums(TARGET_STATES)), 1, TARGET_STATES.length), {
    description: 'The PCs that are in one of these states now.',
  }),
});
export type RerunRequest = Infer<typeof RerunRequest>;
