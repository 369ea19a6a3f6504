import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const CHILDREN = join(import.meta.dirname, 'children');

export interface Child extends AsyncDisposable {
  process: ChildProcess;
  /** The next message; undefined when the child ended instead. */
  next(): Promise<string | undefined>;
  /** Everything it had said, once it is gone. */
  kill(): Promise<string[]>;
}

/** A process of the test's own from `children/`, killed with it at the latest. */
export function startChild(name: string, ...args: string[]): Child {
  const process = fork(join(CHILDREN, name), args, {
    execArgv: ['--import', pathToFileURL(join(CHILDREN, 'end-with-test.ts')).href],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const said: string[] = [];
  const waiting: ((message: string | undefined) => void)[] = [];
  let read = 0;
  process.on('message', (message) => {
    said.push(String(message));
    const first = waiting.shift();
    if (first) first(said[read++]);
  });
  // 'close' rather than 'exit': by then everything it had said has been read.
  const closed = once(process, 'close').then(() => {
    for (const resolve of waiting.splice(0)) resolve(undefined);
  });
  return {
    process,
    next: () => {
      if (read < said.length) return Promise.resolve(said[read++]);
      if (process.exitCode !== null || process.signalCode !== null) return closed.then(() => said[read++]);
      return new Promise((resolve) => waiting.push(resolve));
    },
    kill: async () => {
      process.kill('SIGKILL');
      await closed;
      return said;
    },
    [Symbol.asyncDispose]: async () => {
      process.kill('SIGKILL');
      await closed;
    },
  };
}
