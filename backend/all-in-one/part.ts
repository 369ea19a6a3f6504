import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, rename } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isErrorCode, KanadeError, messageOf } from '#core/contract/errors.ts';
import { lastTrouble } from '#core/process/log-format.ts';

export interface PartOptions {
  /** `backend` or `agent`, as messages name it. */
  name: string;
  /** The program, by path. */
  program: string;
  args: readonly string[];
  /** Arguments of the first launch only: what is not to happen again when the part ends and is started again. */
  once?: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Where what it prints goes; that of the run before is kept beside it as `.1`. */
  outputFile: string;
  /** Gives up starting. A part that runs is ended by disposing of it. */
  signal: AbortSignal;
  log: (line: string) => void;
  /** How long it may take to stop before it is ended the hard way. Milliseconds. */
  patience: number;
  /** Milliseconds after which it is told why a part is not ready yet; default 10 s. */
  sayAfter?: number;
}

/** What a program says over IPC when it is ready. */
export type Ready = { type: 'ready' } & Record<string, unknown>;

const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 30_000;
const SAY_AFTER_MS = 10_000;

/** Starts a program in a process group of its own and resolves when it says that it is ready. Rejects when it ends before. */
export async function startPart(options: PartOptions): Promise<Part> {
  await rename(options.outputFile, `${options.outputFile}.1`).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error; // the first start
  });
  const running = await launch({ ...options, args: [...options.args, ...(options.once ?? [])] }, options.signal);
  return new Part(options, running);
}

interface Running {
  child: ChildProcess;
  ready: Ready;
  exited: Promise<string>;
}

async function launch(options: PartOptions, signal: AbortSignal): Promise<Running> {
  signal.throwIfAborted();
  const output = await open(options.outputFile, 'a');
  try {
    const child = spawn(process.execPath, [options.program, ...options.args], {
      env: options.env,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', output.fd, output.fd, 'ipc'],
    });
    using _saying = sayWhatHolds(options);
    const exited = once(child, 'exit').then(([code, name]) => (name ? `killed by ${name}` : `exit code ${code}`));
    const ready = await Promise.race([
      readyMessage(child),
      exited.then((how) => failed(options, how)),
      new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true })),
    ]);
    if (ready !== undefined) return { child, ready, exited };
    await stop(child, exited, options);
    throw signal.reason;
  } finally {
    await output.close();
  }
}

/** While it is not ready its last trouble is told, each once: whoever waits in front of it would have to know of its log. */
function sayWhatHolds({ name, outputFile, log, sayAfter = SAY_AFTER_MS }: PartOptions): Disposable {
  let said: string | undefined;
  const look = async () => {
    const trouble = lastTrouble(await endOf(outputFile));
    if (trouble === undefined || trouble === said) return;
    said = trouble;
    log(`the ${name} is not ready yet: ${trouble}`);
  };
  // A file that cannot be read now has nothing to say.
  const timer = setInterval(() => void look().catch(() => {}), sayAfter);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function readyMessage(child: ChildProcess): Promise<Ready> {
  const { promise, resolve } = Promise.withResolvers<Ready>();
  const onMessage = (message: unknown) => {
    if (!isReady(message)) return;
    child.off('message', onMessage);
    resolve(message);
  };
  child.on('message', onMessage);
  return promise;
}

function isReady(message: unknown): message is Ready {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
}

async function failed({ name, outputFile }: PartOptions, how: string): Promise<never> {
  const end = (await endOf(outputFile)).trim();
  // What it ends with begins with its code, as it does when it is started by itself.
  const code = end
    .split('\n')
    .map((line) => line.split(': ', 1)[0]!)
    .findLast(isErrorCode);
  throw new KanadeError(code ?? 'internal', `the ${name} did not start (${how}). The end of ${outputFile}:\n${end}`);
}

async function endOf(path: string): Promise<string> {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const end = Buffer.alloc(Math.min(size, 2000));
  await file.read(end, 0, end.length, size - end.length);
  return end.toString();
}

/** Orderly, then the hard way. Windows has no signals: there the closed channel says it. */
async function stop(child: ChildProcess, exited: Promise<string>, { name, patience, log }: PartOptions): Promise<void> {
  if (process.platform === 'win32') child.disconnect();
  else child.kill('SIGTERM');
  const done = new AbortController();
  const late = sleep(patience, true, { signal: done.signal }).catch(() => false);
  const tooLate = await Promise.race([exited.then(() => false), late]);
  done.abort();
  if (!tooLate) return;
  log(`the ${name} does not stop: ended the hard way`);
  child.kill('SIGKILL');
  await exited;
}

/** A program that is started again, with back-off, when it ends by itself. running -> waiting -> running; disposed of from either. */
export class Part implements AsyncDisposable {
  /** What it said when it first was ready. */
  readonly ready: Ready;
  readonly #options: PartOptions;
  readonly #stopping = new AbortController();
  readonly #supervision: Promise<void>;
  #running: Running;

  constructor(options: PartOptions, running: Running) {
    this.#options = options;
    this.#running = running;
    this.ready = running.ready;
    this.#supervision = this.#supervise();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#supervision;
    const { child, exited } = this.#running;
    if (child.exitCode === null && child.signalCode === null) await stop(child, exited, this.#options);
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopping;
    const { name, log } = this.#options;
    const stopped = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
    for (let backoff = FIRST_BACKOFF_MS; ; backoff = Math.min(backoff * 2, MAX_BACKOFF_MS)) {
      const since = performance.now();
      const how = await Promise.race([this.#running.exited, stopped]);
      if (how === undefined) return;
      if (performance.now() - since > MAX_BACKOFF_MS) backoff = FIRST_BACKOFF_MS;
      log(`the ${name} ended (${how}): starting it again in ${backoff / 1000} s`);
      try {
        await sleep(backoff, undefined, { signal });
        this.#running = await launch(this.#options, signal);
      } catch (error) {
        if (signal.aborted) return;
        log(messageOf(error));
      }
    }
  }
}
