import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface TestProcess extends AsyncDisposable {
  child: ChildProcess;
  /** What it told with `type: 'ready'`. */
  ready: Promise<Record<string, unknown>>;
  /** Its exit code, or the signal that ended it. */
  exited: Promise<number | string>;
  /** Everything it wrote, for a failure's message. */
  output(): string;
  /** SIGKILL, and gone when it resolves. */
  kill(): Promise<void>;
  /** SIGTERM: an orderly stop. */
  stop(): Promise<void>;
}

/** Starts one of our programs, by its path from the root of the repository, under the Node that runs the tests. */
export function startProcess(path: string, args: string[], env: NodeJS.ProcessEnv = {}): TestProcess {
  const script = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const { KANADE_OPEN: _, ...inherited } = process.env;
  const child = fork(script, args, {
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (bytes: Buffer) => (output = (output + bytes.toString()).slice(-100_000)));
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  const ready = new Promise<Record<string, unknown>>((resolve, reject) => {
    child.on('message', (message: Record<string, unknown>) => {
      if (message.type === 'ready') resolve(message);
      if (message.type === 'failed') reject(Object.assign(new Error(String(message.message)), { code: message.code }));
    });
    void exited.then((how) => reject(new Error(`${path} ended with ${how} before it was ready:\n${output}`)));
  });
  // Whoever does not wait for it does not care.
  ready.catch(() => {});
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  return {
    child,
    ready,
    exited,
    output: () => output,
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: () => end('SIGKILL'),
  };
}
