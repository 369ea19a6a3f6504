import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname, release, type } from 'node:os';
import type { Shell } from '#core/contract/command.ts';
import { findOnPath } from '#core/process/find-on-path.ts';
import { processStart } from '#core/process/process-start.ts';
import { hardwareOf } from './hardware-of.ts';
import { linuxProcesses } from './linux-processes.ts';
import type { Platform, ProcessTree, ShellPlace } from './platform.ts';
import { psProcesses } from './ps-processes.ts';
import { timeZone } from './time-zone.ts';
import { type ProcessRow, treeOf } from './tree-of.ts';

const HAS_PROC = existsSync('/proc/self/stat');

export function posixPlatform(env: NodeJS.ProcessEnv = process.env): Platform {
  return {
    kind: 'posix',
    hostname: hostname(),
    os: osName(),
    tz: timeZone(env),
    shell: (shell) => placeOf(shell, env),
    executionPolicyArgs: async () => [],
    consoleEncoding: async () => charsetOf(env),
    startOf: processStart,
    async endTree(tree, force) {
      for (const pid of await members(tree)) signal(pid, force ? 'SIGKILL' : 'SIGTERM');
    },
    alive: async (tree) => (await members(tree)).length,
    metered: async () => undefined,
    // Only root may read the first; where it cannot be read the other has to do.
    hardware: async () => hardwareOf(await firstLine('/sys/class/dmi/id/product_uuid'), await firstLine('/etc/machine-id')),
    // The rights of the file are all there is.
    protect: async (bytes) => bytes,
    unprotect: async (bytes) => bytes,
  };
}

async function placeOf(shell: Shell, env: NodeJS.ProcessEnv): Promise<ShellPlace> {
  if (shell === 'sh') return { path: '/bin/sh' };
  if (shell !== 'pwsh') return { unsupported: `${shell} exists on Windows only` };
  const path = await findOnPath('pwsh', env.PATH);
  return path === undefined ? { missing: 'pwsh is not in any folder of PATH' } : { path };
}

async function firstLine(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).split('\n', 1)[0];
  } catch {
    // Not there, or not for us.
    return undefined;
  }
}

/** The charset of the locale (`ja_JP.eucJP` -> `euc-jp`), by the order of precedence that POSIX gives the variables. */
export function charsetOf(env: NodeJS.ProcessEnv): string {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  const charset = /\.([^@]+)/.exec(locale)?.[1]?.toLowerCase() ?? 'utf-8';
  return charset.replace(/^euc-?/, 'euc-');
}

async function members(tree: ProcessTree): Promise<number[]> {
  const rows: ProcessRow[] = HAS_PROC ? await linuxProcesses(tree.marker) : await psProcesses();
  return treeOf(rows, tree, process.pid);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ESRCH: it has ended meanwhile. EPERM: not ours to end; `alive` goes on counting it, and the script is abandoned.
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

function osName(): string {
  try {
    const name = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
    if (name) return name;
  } catch {
    // Not every POSIX system has the file; the kernel's own name does then.
  }
  return `${type()} ${release()}`;
}
