import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { messageOf } from '#core/contract/errors.ts';
import { windowsArgument } from '#core/process/windows-argument.ts';
import type { Platform } from '../platform/platform.ts';
import { hostedScript, spawnHost } from './hosted-script.ts';
import { invocation } from './invocation.ts';
import { endLeftover } from './leftover.ts';
import { makeRunFolder, removeRunFolder, runFolder, WORK_FOLDER, writePidRecord } from './run-folder.ts';
import type { RunLog, RunningScript, ScriptOutcome, ScriptRequest } from './script.ts';
import { scriptEnv } from './script-env.ts';
import { ownScript } from './started-script.ts';
import { supervise } from './supervise.ts';
import { TailRing } from './tail-ring.ts';
import { RUN_TIMINGS, type RunTimings } from './timings.ts';
import { unsupported } from './unsupported.ts';

export interface RunDeps {
  /** `<data>/run`. */
  dir: string;
  platform: Platform;
  /** Milliseconds, monotonic. */
  mono: () => number;
  log: RunLog;
  timings?: RunTimings;
  /** Bytes that are kept of each stream of a script. */
  outputLimit?: () => number;
  /** The agent's own environment. */
  env?: NodeJS.ProcessEnv;
}

type Verdict = Pick<ScriptOutcome, 'outcome' | 'reason' | 'detail'>;

/**
 * Starts one script. Resolves when its process runs, or at once, with `done` settled, when it cannot be started: why
 * is the outcome's reason. Rejects with `invalid_id` only.
 */
export async function startScript(deps: RunDeps, request: ScriptRequest): Promise<RunningScript> {
  const tools = { ...deps, timings: deps.timings ?? RUN_TIMINGS };
  const folder = runFolder(deps.dir, request.resultId);
  const why = await unsupported(deps.platform, request);
  if (why !== undefined) return notStarted({ outcome: 'skipped', reason: 'unsupported', detail: why });
  try {
    // Looking for processes takes a while, so only a folder that is there already is a reason to.
    if (await isFolder(folder)) await endLeftover(tools, request.resultId);
    const child = await launch(deps, request, folder);
    if (!('outcome' in child)) {
      const { host } = deps.platform;
      const script = host === undefined ? ownScript(child, request.resultId, tools) : hostedScript(child, tools.timings, deps.log);
      // What the host runs ends with the agent: nobody has to find it again.
      const recorded = host === undefined ? recordPid(child, folder, deps) : Promise.resolve();
      const running = supervise(script, folder, tools, request, recorded);
      await recorded;
      return running;
    }
    await removeRunFolder(folder, deps.log);
    return notStarted(child);
  } catch (error) {
    await removeRunFolder(folder, deps.log);
    return notStarted(failed('spawn_failed', messageOf(error)));
  }
}

async function launch(deps: RunDeps, request: ScriptRequest, folder: string): Promise<ChildProcess | Verdict> {
  const { platform } = deps;
  const shell = await platform.shell(request.shell);
  if (!('path' in shell)) return failed('shell_missing', 'missing' in shell ? shell.missing : shell.unsupported);
  const cwd = request.cwd ?? join(folder, WORK_FOLDER);
  if (request.cwd !== undefined && !(isAbsolute(cwd) && (await isFolder(cwd)))) {
    return failed('cwd_missing', `${cwd} is not the absolute path of a folder on this PC`);
  }
  const { files, args, verbatim } = await invocation(request, folder, await platform.executionPolicyArgs(request.shell, shell.path));
  await makeRunFolder(folder, files);
  const env = scriptEnv(deps.env ?? process.env, request, platform.kind === 'windows');
  const line = () => (verbatim ? args : args.map(windowsArgument)).join(' ');
  const child =
    platform.host === undefined
      ? spawn(shell.path, args, {
          cwd,
          env,
          // A process group and session of its own, so that the whole of it can be ended.
          detached: platform.kind === 'posix',
          windowsHide: true,
          windowsVerbatimArguments: verbatim,
          stdio: ['ignore', 'pipe', 'pipe'],
        })
      : spawnHost({ host: platform.host, shell: shell.path, line: line(), folder, cwd, env, request });
  if (child.pid !== undefined) return child;
  const [error] = (await once(child, 'error')) as [NodeJS.ErrnoException];
  return failed('spawn_failed', `${shell.path} could not be started in ${cwd}: ${error.message}`);
}

async function recordPid(child: ChildProcess, folder: string, { platform, log }: RunDeps): Promise<void> {
  try {
    const pid = child.pid!;
    // On Windows it would start a PowerShell for each script; the command line holds the result id and tells as much.
    const start = platform.kind === 'posix' ? await platform.startOf(pid) : undefined;
    await writePidRecord(folder, { pid, start: start ?? null });
  } catch (error) {
    // After a crash the script is still found by its marker.
    log.warn({ folder, error: messageOf(error) }, 'could not write down the process of a script');
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Not there or out of reach: a script could not run in it either way.
    return false;
  }
}

function failed(reason: string, detail: string): Verdict {
  return { outcome: 'failed', reason, detail };
}

function notStarted(verdict: Verdict): RunningScript {
  const nothing = { bytes: new Uint8Array(), total: 0, truncated: false };
  return {
    done: Promise.resolve({ ...verdict, neverRan: true, exitCode: null, stdout: nothing, stderr: nothing }),
    // Nothing runs that could be ended.
    kill: () => undefined,
    tail: { stdout: new TailRing(), stderr: new TailRing() },
  };
}
