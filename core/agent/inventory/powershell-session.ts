import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { type Platform, processTree } from '../platform/platform.ts';
import { awakeTime } from '../run/awake-time.ts';
import { endTree } from '../run/end-tree.ts';
import { makeRunFolder, removeRunFolder, runFolder, WORK_FOLDER, writePidRecord } from '../run/run-folder.ts';
import { scriptEnv } from '../run/script-env.ts';
import { RUN_TIMINGS, type RunTimings } from '../run/timings.ts';
import { type Shell, startShell } from './node-powershell.ts';

export interface SessionDeps {
  platform: Platform;
  /** `<data>/run`: what an agent that was killed leaves there, the next start of the agent ends. */
  runDir: string;
  /** Absolute path of Kanade.psd1. */
  module: string;
  /** Milliseconds, monotonic. */
  mono: () => number;
  log: Log;
  /** The agent's own environment. */
  env?: NodeJS.ProcessEnv;
  timings?: RunTimings;
}

type Tools = SessionDeps & { timings: RunTimings };

/** What PowerShell wrote for one line, without its control sequences; or why there is no answer: then the session is over. */
export type Answer = { stdout: string; stderr: string } | { lost: 'timed_out' | 'failed'; why: string };

/** Milliseconds. */
const IMPORT_TIMEOUT = 60_000;
const EXIT_PATIENCE = 5000;
const ABANDON = 10_000;
/** Characters: what a section may be as long as that is cut to a message, so more is trouble. */
const OUTPUT_MAX = 8 * 1024 * 1024;

const IMPORTED = /^imported (\d+)$/m;
/**
 * The path goes by environment: PowerShell 5.1 reads what is typed in the console's code page, and nothing has to be quoted.
 * When it was started is asked of itself because elsewhere, on Windows, that takes a process.
 */
const IMPORT = [
  'Import-Module -Name ([WildcardPattern]::Escape($env:KANADE_MODULE)) -ErrorAction Stop',
  "'imported ' + (Get-Process -Id $PID).StartTime.ToFileTimeUtc()",
].join('; ');

/** The console's control sequences: PowerShell 7 writes some however it is asked not to. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with one
const CONTROL = /\u001b\[[0-9;?]*[ -/]*[@-~]/g;

/**
 * One PowerShell with the module in it, that answers line by line. States: open -> over, once a line had no answer, the
 * process has exited or `close` was called. A line that is not answered in time is not waited for: PowerShell and all that
 * it has started is ended.
 */
export class PowershellSession {
  readonly #deps: Tools;
  readonly #shell: Shell;
  readonly #marker: string;
  readonly #exited: Promise<void>;
  #hasExited = false;
  #ending: Promise<void> | undefined;

  private constructor(deps: Tools, shell: Shell, marker: string) {
    this.#deps = deps;
    this.#shell = shell;
    this.#marker = marker;
    const gone = () => {
      this.#hasExited = true;
    };
    // It rejects when PowerShell could not even be started.
    this.#exited = once(shell.process, 'exit').then(gone, gone);
  }

  /** A session, or why there is none. Rejects only when `signal` aborts. */
  static async open(given: SessionDeps, signal: AbortSignal): Promise<PowershellSession | { missing: string } | { problem: string }> {
    const deps = { ...given, timings: given.timings ?? RUN_TIMINGS };
    const { platform } = deps;
    const name = platform.kind === 'windows' ? 'powershell' : 'pwsh';
    try {
      const place = await platform.shell(name);
      if (!('path' in place)) return { missing: 'missing' in place ? place.missing : place.unsupported };
      const session = await PowershellSession.#start(deps, name, place.path);
      const failure = await session.#import(signal);
      if (failure === undefined) return session;
      await session.#kill();
      return { problem: failure };
    } catch (error) {
      signal.throwIfAborted();
      return { problem: messageOf(error) };
    }
  }

  get #folder(): string {
    return runFolder(this.#deps.runDir, this.#marker);
  }

  get #pid(): number {
    return this.#shell.process.pid ?? 0;
  }

  get over(): boolean {
    return this.#hasExited || this.#ending !== undefined;
  }

  /** Runs a line, at most for so many milliseconds awake. Rejects only when `signal` aborts, and then all of it is ended, too. */
  async ask(line: string, timeoutMs: number, signal: AbortSignal): Promise<Answer> {
    const { mono, timings } = this.#deps;
    const done = new AbortController();
    const answer = await Promise.race([
      this.#invoke(line),
      awakeTime(timeoutMs, mono, timings, AbortSignal.any([signal, done.signal])).then(
        (): Answer => ({ lost: 'timed_out', why: `PowerShell did not answer within ${timeoutMs / 1000} s` }),
      ),
    ]);
    done.abort();
    if (signal.aborted || 'lost' in answer) await this.#kill();
    signal.throwIfAborted();
    return answer;
  }

  /** Lets PowerShell exit; what does not is ended. Resolves when nothing of it runs any more. */
  close(): Promise<void> {
    this.#ending ??= this.#exit();
    return this.#ending;
  }

  static async #start(deps: Tools, name: 'powershell' | 'pwsh', path: string): Promise<PowershellSession> {
    const { platform, runDir, module } = deps;
    const marker = `inventory-${randomBytes(8).toString('hex')}`;
    const folder = runFolder(runDir, marker);
    const env = { KANADE_MODULE: module, POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off' };
    const [option, policy] = await platform.executionPolicyArgs(name, path);
    await makeRunFolder(folder, new Map());
    const shell = await startShell({
      path,
      options: { '-NoProfile': true, '-NonInteractive': true, ...(option === undefined ? {} : { [option]: policy! }) },
      cwd: join(folder, WORK_FOLDER),
      env: scriptEnv(deps.env ?? process.env, { shell: name, resultId: marker, env }, platform.kind === 'windows'),
      maxOutput: OUTPUT_MAX,
    });
    const { pid } = shell.process;
    if (pid !== undefined) lowerPriority(pid, deps.log);
    return new PowershellSession(deps, shell, marker);
  }

  /** What went wrong, if anything. */
  async #import(signal: AbortSignal): Promise<string | undefined> {
    const { platform } = this.#deps;
    if (platform.kind === 'posix') await this.#record(await platform.startOf(this.#pid));
    const answer = await this.ask(IMPORT, IMPORT_TIMEOUT, signal);
    if ('lost' in answer) return answer.why;
    const [, start] = IMPORTED.exec(answer.stdout) ?? [];
    if (start === undefined) return `the module cannot be imported: ${shortly(answer.stderr || answer.stdout)}`;
    if (platform.kind === 'windows') await this.#record(start);
    return undefined;
  }

  /**
   * An agent that is killed leaves behind a PowerShell that goes when it next reads a line. One that hangs never does: the
   * next agent ends it, and finds it by this.
   */
  async #record(start: string | undefined): Promise<void> {
    await writePidRecord(this.#folder, { pid: this.#pid, start: start ?? null });
  }

  async #invoke(line: string): Promise<Answer> {
    try {
      const { stdout, stderr } = await this.#shell.invoke(line);
      if (stdout !== undefined && stderr !== undefined) return { stdout: plainText(stdout), stderr: plainText(stderr) };
    } catch (error) {
      if (!this.#hasExited) return { lost: 'failed', why: messageOf(error) };
    }
    const { exitCode, signalCode } = this.#shell.process;
    return { lost: 'failed', why: `PowerShell ended with ${signalCode ?? exitCode ?? 'no exit code'}` };
  }

  async #exit(): Promise<void> {
    this.#shell.streams.stdin.end();
    const done = new AbortController();
    await Promise.race([this.#exited, sleep(EXIT_PATIENCE, undefined, { signal: done.signal }).catch(() => {})]);
    done.abort();
    if (this.#hasExited) await this.#clear();
    else await this.#endTree();
  }

  #kill(): Promise<void> {
    this.#ending ??= this.#endTree();
    return this.#ending;
  }

  async #endTree(): Promise<void> {
    const { timings, log } = this.#deps;
    const { process, streams } = this.#shell;
    // The pid of one that has exited may be somebody else's by now.
    const tree = processTree(this.#marker, this.#hasExited ? undefined : process.pid);
    if (await endTree({ ...this.#deps, timings: { ...timings, abandonMs: ABANDON } }, tree)) {
      await this.#exited;
      await this.#clear();
      return;
    }
    log.warn({ pid: process.pid }, 'a PowerShell that does not answer cannot be ended: the next start of the agent tries again');
    process.unref();
    for (const stream of Object.values(streams)) stream.destroy();
  }

  async #clear(): Promise<void> {
    for (const stream of Object.values(this.#shell.streams)) stream.destroy();
    await removeRunFolder(this.#folder, this.#deps.log);
  }
}

function plainText(bytes: Buffer): string {
  return bytes.toString().replace(CONTROL, '').trim();
}

/** The beginning of what PowerShell wrote, in one line. */
export function shortly(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 500);
}

/** Whoever works at this PC comes first. */
function lowerPriority(pid: number, log: Log): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch (error) {
    // It has exited, which is told by its exit, or may not be changed, and then it runs like any other.
    log.debug({ pid, error: messageOf(error) }, 'PowerShell could not be given a low priority');
  }
}
