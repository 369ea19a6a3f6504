import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPowerShell } from '#core/contract/command.ts';
import { WRAPPER } from '#core/installation.ts';
import { jobFile } from './job-file.ts';
import type { ScriptRequest } from './script.ts';
import { powershellFile } from './script-file.ts';

/** The files of a run and the arguments of the shell that runs them. */
export interface Invocation {
  files: ReadonlyMap<string, Uint8Array>;
  args: string[];
  /** Windows: the arguments are quoted already. */
  verbatim: boolean;
}

export async function invocation(request: ScriptRequest, folder: string, policyArgs: readonly string[]): Promise<Invocation> {
  if (isPowerShell(request.shell)) return powershell(request, folder, policyArgs);
  if (request.shell === 'cmd') {
    // With /s cmd takes off the outer quotes only, whatever characters the path holds.
    const line = `"${join(folder, 'script.cmd')}"`;
    return { files: new Map([['script.cmd', request.script]]), args: ['/d', '/s', '/c', `"${line}"`], verbatim: true };
  }
  const args = [join(folder, 'script.sh'), ...(request.args ?? []).map(String)];
  return { files: new Map([['script.sh', request.script]]), args, verbatim: false };
}

async function powershell(request: ScriptRequest, folder: string, policyArgs: readonly string[]): Promise<Invocation> {
  const job = jobFile({ args: request.args ?? [], params: request.params ?? {}, failOnNative: request.failOnNative ?? false });
  const files = new Map([
    ['script.ps1', powershellFile(request.script)],
    ['job.json', job],
    // Byte for byte: it may be signed.
    ['wrapper.ps1', await readFile(WRAPPER)],
  ]);
  const wrapper = join(folder, 'wrapper.ps1');
  const args = ['-NoLogo', '-NoProfile', '-NonInteractive', ...policyArgs, '-File', wrapper, '-Job', folder];
  return { files, args, verbatim: false };
}
