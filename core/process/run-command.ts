import { execFile } from 'node:child_process';

export interface CommandOutput {
  /** Undefined when a signal ended it. */
  code: number | undefined;
  stdout: string;
  stderr: string;
}

/**
 * Runs a short program to its end and collects what it printed (at most 16 MiB a stream). An exit code other than 0 is an
 * answer, not an error; a program that cannot be started, or `signal`, rejects.
 */
export function runCommand(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; signal?: AbortSignal } = {},
): Promise<CommandOutput> {
  const { promise, resolve, reject } = Promise.withResolvers<CommandOutput>();
  execFile(file, args, { ...options, windowsHide: true, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
    if (error === null) resolve({ code: 0, stdout, stderr });
    else if (typeof error.code === 'number') resolve({ code: error.code, stdout, stderr });
    else if (error.code === undefined || error.code === null) resolve({ code: undefined, stdout, stderr });
    else reject(error);
  });
  return promise;
}
