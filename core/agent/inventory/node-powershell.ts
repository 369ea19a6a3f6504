import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** What is used of node-powershell 5.0.1; its own types hide some of it. */
export interface Shell {
  readonly process: ChildProcess;
  readonly streams: { stdin: Writable; stdout: Readable; stderr: Readable };
  /** What was said of each line; undefined of one during which the process exited. Also rejects when that happened. */
  invoke(line: string): Promise<{ stdout?: Buffer; stderr?: Buffer }>;
}

interface Inner extends Shell {
  readonly history: unknown[];
  readonly exitPromise: Promise<void>;
}

interface Options {
  executable: string;
  executableOptions: Record<string, string | boolean>;
  throwOnInvocationError: boolean;
  spawnOptions: { cwd: string; env: NodeJS.ProcessEnv; windowsHide: boolean };
}

export interface ShellPlan {
  /** Absolute path. */
  path: string;
  /** As `-Name` or `-Name value`. */
  options: Record<string, string | boolean>;
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Characters that one line may make it write to a stream; more rejects the line. */
  maxOutput: number;
}

/**
 * Starts a PowerShell that runs what it is told line by line. The one place that knows node-powershell, which is loaded
 * here and not before: an agent at rest does without its 9 MB. What it does otherwise than an agent needs is set right:
 *
 *   NODE_POWERSHELL in the environment would start any program   the path that was given is started
 *   two delimiters in one read go unnoticed, and the line never ends   lines are read by `between`
 *   a shell that cannot be started ends the agent   that is listened to
 *   everything that was ever said is kept in `history`   nothing is
 *   text on stderr throws away what is on stdout   both are given
 */
export async function startShell({ path, options, cwd, env, maxOutput }: ShellPlan): Promise<Shell> {
  const { PowerShell } = await import('node-powershell');
  const Base = PowerShell as unknown as new (options: Options) => Inner;
  class AgentShell extends Base {
    protected setExecutable(): string {
      return path;
    }

    protected readBulkFromOutput(stream: Readable, delimiter: string): Promise<Buffer> {
      return between(stream, delimiter, maxOutput);
    }

    override async invoke(line: string) {
      const said = await super.invoke(line);
      this.history.length = 0;
      return said;
    }
  }
  const shell = new AgentShell({
    executable: path,
    executableOptions: options,
    throwOnInvocationError: false,
    spawnOptions: { cwd, env, windowsHide: true },
  });
  shell.exitPromise.catch(() => {}); // whoever asks it something hears of it
  const { stdin, stdout, stderr } = shell.streams;
  for (const stream of [stdin, stdout, stderr]) stream.on('error', () => {}); // the process has exited, which is told by its exit
  // It collects the first of what is written to stderr, and pauses the stream when it has enough.
  stderr.unpipe();
  return shell;
}

/** What a stream of text carries between two delimiters, trimmed. */
function between(stream: Readable, delimiter: string, maxOutput: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let text = '';
    let searched = 0;
    const read = (chunk: string) => {
      text += chunk;
      const begin = text.indexOf(delimiter);
      const end = begin < 0 ? -1 : text.indexOf(delimiter, Math.max(begin + delimiter.length, searched));
      searched = text.length - delimiter.length;
      if (end < 0 && text.length <= maxOutput) return;
      stream.off('data', read);
      if (end < 0) reject(new Error(`it wrote more than ${maxOutput} characters`));
      else resolve(Buffer.from(text.slice(begin + delimiter.length, end).trim()));
    };
    stream.on('data', read);
    // It may have been paused; what is written while nobody asks is nobody's answer, and lost.
    stream.resume();
  });
}
