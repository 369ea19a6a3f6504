import { AD_HOC, type Command, DEFAULT_SUCCESS_EXIT_CODES, isPowerShell, type Shell, type Update } from '#core/contract/command.ts';
import { parseDuration, parseDurationWithin } from '#core/contract/duration.ts';
import { type ErrorCode, type Fault, KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Manifest } from '#core/contract/job.ts';
import { EXPIRES_DEFAULT, EXPIRES_MAX, SCRIPT_MAX, TIMEOUT_DEFAULT, TIMEOUT_MAX } from '#core/contract/streams.ts';
import { instant } from '#core/contract/time.ts';
import type { ExecutionRequest } from './requests.ts';

/** A command but for its script, which may go inline or into `blobs`. */
export type CommandPlan = Omit<Command, 'script' | 'script_sha256'>;

export interface Plan {
  command: CommandPlan;
  /** UTF-8 of the text as it came. Undefined when the job's body lies in `blobs` already, and of an update. */
  script: Uint8Array | undefined;
  scriptSha256: string | undefined;
}

/**
 * What a request means, decided at `now` (milliseconds). Pure. Every fault is found before the first is thrown, each
 * with the path of the field it is in.
 */
export function planCommand(request: ExecutionRequest, job: Manifest | undefined, execId: string, now: number): Plan {
  const faults: Fault[] = [];
  const fault: AddFault = (pointer, code, message) => void faults.push({ pointer, code, message });

  const shell = (job?.execute.shell ?? request.shell) as Shell | undefined;
  const scriptText = job ? job.execute.script : request.script;
  if (job) {
    for (const field of ['script', 'shell', 'run_as', 'sessions', 'cwd', 'success_exit_codes'] as const) {
      if (request[field] !== undefined) fault(`/${field}`, 'invalid_body', "is the job's to say: a request names either a job or a script");
    }
  } else {
    if (request.script === undefined) fault('/script', 'invalid_body', 'is missing: a request names a script, a job_id or an update');
    if (shell === undefined) fault('/shell', 'invalid_body', 'is missing: powershell, pwsh, cmd or sh');
    if (request.sessions !== undefined && request.run_as !== 'user') fault('/sessions', 'invalid_body', 'belongs to run_as user only');
  }
  const script = scriptText === undefined ? undefined : new TextEncoder().encode(scriptText);
  if (script !== undefined && script.length > SCRIPT_MAX) {
    throw new KanadeError('script_too_large', `the script is ${script.length} bytes long, ${SCRIPT_MAX} is the most`);
  }

  const { timeout, expiresIn, jitter } = timesOf(request, job?.execute.timeout, fault);
  if (shell !== undefined) checkArguments(shell, request, fault);
  refuseFaulty(faults);

  const codes = request.success_exit_codes ?? job?.execute.success_exit_codes;
  const runAs = request.run_as ?? job?.execute.run_as ?? 'system';
  const sessions = request.sessions ?? job?.execute.sessions;
  const cwd = request.cwd ?? job?.execute.cwd;
  return {
    script,
    scriptSha256: job?.execute.script_sha256,
    command: {
      id: job?.id ?? AD_HOC,
      version: job?.version ?? '1',
      ...frameOf(execId, now, expiresIn),
      shell: shell!,
      timeout_secs: timeout,
      run_as: runAs,
      ...(sessions === undefined ? {} : { sessions }),
      success_exit_codes: [...(codes ?? DEFAULT_SUCCESS_EXIT_CODES)],
      ...(request.args === undefined ? {} : { args: request.args }),
      ...(request.params === undefined ? {} : { params: request.params }),
      ...(request.env === undefined ? {} : { env: request.env }),
      ...(cwd === undefined ? {} : { cwd }),
      ...(request.fail_on_native ? { fail_on_native: true } : {}),
      ...(jitter > 0 ? { jitter_secs: jitter } : {}),
      ...(job?.inventory_section === undefined ? {} : { inventory_section: job.inventory_section }),
      ...(job?.staleness === undefined ? {} : { staleness: stalenessOf(job.staleness) }),
    },
  };
}

/** What goes with an update. */
const WITH_UPDATE: readonly string[] = ['update', 'target', 'timeout', 'expires_in', 'jitter'];

/** The same of a request to update; `release` is what its version names. Pure. */
export function planUpdate(request: ExecutionRequest, release: Update, execId: string, now: number): Plan {
  const faults: Fault[] = [];
  const fault: AddFault = (pointer, code, message) => void faults.push({ pointer, code, message });
  for (const [field, value] of Object.entries(request)) {
    if (value !== undefined && !WITH_UPDATE.includes(field))
      fault(`/${field}`, 'invalid_body', 'belongs to a script, and this is an update');
  }
  const { timeout, expiresIn, jitter } = timesOf(request, undefined, fault);
  refuseFaulty(faults);
  return {
    script: undefined,
    scriptSha256: undefined,
    command: {
      id: AD_HOC,
      version: '1',
      ...frameOf(execId, now, expiresIn),
      timeout_secs: timeout,
      ...(jitter > 0 ? { jitter_secs: jitter } : {}),
      update: release,
    },
  };
}

/** Which command it is, and until when. */
function frameOf(execId: string, now: number, expiresIn: number) {
  return { request_id: execId, exec_id: execId, issued_at: instant(now), expires_at: instant(now + expiresIn * 1000) };
}

type AddFault = (pointer: string, code: ErrorCode, message: string) => void;

/** In seconds. */
function timesOf(request: ExecutionRequest, timeoutOfJob: string | undefined, fault: AddFault) {
  const seconds = (field: 'timeout' | 'expires_in' | 'jitter', text: string | undefined, fallback: number, least: number, most: number) => {
    if (text === undefined) return fallback;
    try {
      return parseDurationWithin(field, text, least, most);
    } catch (error) {
      fault(`/${field}`, 'invalid_duration', messageOf(error));
      return fallback;
    }
  };
  return {
    timeout: seconds('timeout', request.timeout ?? timeoutOfJob, TIMEOUT_DEFAULT, 1, TIMEOUT_MAX),
    expiresIn: seconds('expires_in', request.expires_in, EXPIRES_DEFAULT, 1, EXPIRES_MAX),
    jitter: seconds('jitter', request.jitter, 0, 0, EXPIRES_MAX),
  };
}

function refuseFaulty(faults: readonly Fault[]): void {
  const [first] = faults;
  if (first === undefined) return;
  throw new KanadeError(first.code ?? 'invalid_body', faults.map((f) => `${f.pointer}: ${f.message}`).join('; '), { faults });
}

function stalenessOf(staleness: NonNullable<Manifest['staleness']>): NonNullable<Command['staleness']> {
  if (staleness.mode !== 'strict') return { mode: staleness.mode };
  const age = staleness.max_cache_age === undefined ? 0 : parseDuration('staleness.max_cache_age', staleness.max_cache_age);
  return { mode: 'strict', max_cache_age_secs: age };
}

/** PowerShell takes any JSON; a POSIX shell takes words; cmd.exe has no quoting that is safe, so it takes none. */
function checkArguments(
  shell: Shell,
  request: ExecutionRequest,
  fault: (pointer: string, code: 'params_unsupported' | 'args_unsupported' | 'invalid_body', message: string) => void,
): void {
  if (request.params !== undefined && !isPowerShell(shell)) fault('/params', 'params_unsupported', 'works with the PowerShell shells only');
  if (shell === 'cmd' && request.args?.length) fault('/args', 'args_unsupported', 'cmd.exe cannot take arguments safely: use env');
  if (shell === 'sh') {
    request.args?.forEach((arg, i) => {
      if (typeof arg === 'string' ? arg.includes('\0') : typeof arg !== 'number' && typeof arg !== 'boolean') {
        fault(`/args/${i}`, 'args_unsupported', 'sh takes strings without NUL, numbers and booleans');
      }
    });
  }
  for (const [name, value] of Object.entries(request.env ?? {})) {
    const pointer = `/env/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!/^[A-Za-z_][A-Za-z0-9_()]*$/.test(name) || /^KANADE_/i.test(name))
      fault(pointer, 'invalid_body', 'is not a name a script may set');
    if (value.includes('\0')) fault(pointer, 'invalid_body', 'holds a NUL');
  }
}
