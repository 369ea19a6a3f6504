import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { windowsArgument } from '#core/process/windows-argument.ts';
import { HostReport } from './host-report.ts';
import type { RunLog, ScriptRequest } from './script.ts';
import { setForScript } from './script-env.ts';
import type { StartedScript } from './started-script.ts';
import type { RunTimings } from './timings.ts';

interface Launch {
  /** Absolute path of kanade-host. */
  host: string;
  /** Absolute path of the shell, and what follows it as it stands on the command line. */
  shell: string;
  line: string;
  folder: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
  request: ScriptRequest;
}

/** The process that runs a script by `kanade-host run`; without a pid it could not be started, and says so as `error`. */
export function spawnHost({ host, shell, line, folder, cwd, env, request }: Launch): ChildProcess {
  const forUser = ['--user', request.sessions ?? 'first', '--folder', windowsArgument(folder)];
  const kept = setForScript(request).flatMap((name) => ['--keep', name]);
  const args = ['run', ...(request.runAs === 'user' ? [...forUser, ...kept] : []), '--', windowsArgument(shell), line];
  // The command line of the script reaches it as it is, so all of it is made here.
  const verbatim = { windowsVerbatimArguments: true, argv0: windowsArgument(host) };
  return spawn(host, args, { cwd, env, windowsHide: true, ...verbatim, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
}

/** A script that kanade-host runs: it ends with all it has started when that is asked, or when either of us is gone. */
export function hostedScript(host: ChildProcess, timings: RunTimings, log: RunLog): StartedScript {
  const report = new HostReport(log);
  const told = host.stdio[3] as Readable;
  const control = host.stdin!;
  told.on('data', (bytes: Buffer) => report.push(bytes));
  const toldAll = once(told, 'close').catch(() => undefined);
  // It has ended: then `exit` follows, and nobody hears what was asked.
  for (const pipe of [told, control]) pipe.on('error', () => undefined);
  const ended = once(host, 'exit').then(async () => {
    // A user's process may hold the pipe open.
    await within(toldAll, timings.quietMs);
    told.destroy();
    control.destroy();
    return report.ended();
  });
  return {
    stdout: host.stdout!,
    stderr: host.stderr!,
    ended,
    closed: once(host, 'close'),
    async end() {
      control.write('end\n');
      if (await within(ended, timings.graceMs)) return true;
      control.write('kill\n');
      return within(ended, timings.abandonMs);
    },
    letGo() {
      told.destroy();
      // Its end asks once more for the end of the script.
      control.destroy();
      host.unref();
    },
  };
}

async function within(wait: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const over = new AbortController();
  try {
    const late = setTimeout(milliseconds, false, { signal: over.signal }).catch(() => false);
    return await Promise.race([wait.then(() => true), late]);
  } finally {
    over.abort();
  }
}
