import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { hostname, release, version } from 'node:os';
import { win32 } from 'node:path';
import { promisify } from 'node:util';
import type { Shell } from '#core/contract/command.ts';
import { HOST } from '#core/installation.ts';
import { dataProtection, windowsPowershell } from '#core/process/data-protection.ts';
import { isExecutable } from '#core/process/find-on-path.ts';
import { hardwareOf } from './hardware-of.ts';
import type { Platform, ProcessTree, ShellPlace } from './platform.ts';
import { treeOf } from './tree-of.ts';
import { codePageLabel, isMetered, isPolicySet, LIST_PROCESSES, parseProcesses, parseRegistryValues, READ_COST } from './windows-text.ts';

const POLICY_KEY = 'SOFTWARE\\Microsoft\\PowerShell\\1\\ShellIds\\Microsoft.PowerShell';
const CODE_PAGE_KEY = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\Nls\\CodePage';
const PWSH_KEY = 'HKLM\\SOFTWARE\\Microsoft\\PowerShellCore\\InstalledVersions';

const QUIETLY = ['-NoLogo', '-NoProfile', '-NonInteractive', '-Command'];

const run = promisify(execFile);

/** Programs of Windows are started by absolute path only: a search would look into folders that users can write to. */
export function windowsPlatform(env: NodeJS.ProcessEnv = process.env, host = HOST): Platform {
  const system = (...parts: string[]) => win32.join(env.SystemRoot ?? 'C:\\Windows', 'System32', ...parts);
  const powershell = windowsPowershell(env);

  /** Values of a registry key by name, also of the keys below it when `deep`; none when the key is missing. */
  async function registry(key: string, name: string, deep = false): Promise<string[]> {
    try {
      const args = ['query', key, '/v', name, ...(deep ? ['/s'] : [])];
      const { stdout } = await run(system('reg.exe'), args, { windowsHide: true });
      return parseRegistryValues(stdout, name);
    } catch (error) {
      // reg.exe exits with 1 when there is no such key or value, and in no other way says so.
      if ((error as { code?: unknown }).code === 1) return [];
      throw error;
    }
  }

  async function members(tree: ProcessTree): Promise<number[]> {
    const args = [...QUIETLY, LIST_PROCESSES];
    // The marker goes by environment, so that the process that looks does not find itself.
    const options = { windowsHide: true, env: { ...env, KANADE_MARKER: tree.marker }, maxBuffer: 16 * 1024 * 1024 };
    try {
      const { stdout } = await run(powershell, args, options);
      return treeOf(parseProcesses(stdout), tree, process.pid);
    } catch (error) {
      // Where WMI is broken the root can still be looked at, and taskkill ends what hangs below it. With no root there
      // is no answer, and the caller says so.
      if (tree.pid === undefined) throw error;
      return isThere(tree.pid) ? [tree.pid] : [];
    }
  }

  async function taskkill(pids: readonly number[]): Promise<void> {
    if (pids.length === 0) return;
    const args = [...pids.flatMap((pid) => ['/PID', String(pid)]), '/T', '/F'];
    // It fails when one of them has ended meanwhile; `alive` counts what is really left.
    await run(system('taskkill.exe'), args, { windowsHide: true }).catch(() => undefined);
  }

  async function pwshPath(): Promise<ShellPlace> {
    // Asking the registry starts a process, so the usual folder comes first.
    const usual = win32.join(env.ProgramFiles ?? 'C:\\Program Files', 'PowerShell', '7', 'pwsh.exe');
    if (await isExecutable(usual)) return { path: usual };
    for (const folder of await registry(PWSH_KEY, 'InstallLocation', true)) {
      const path = win32.join(folder, 'pwsh.exe');
      if (await isExecutable(path)) return { path };
    }
    return { missing: `PowerShell 7 is not installed: neither ${usual} nor ${PWSH_KEY} leads to it` };
  }

  async function policyIsSet(shell: Shell, path: string): Promise<boolean> {
    if (shell === 'pwsh') return pwshPolicyIsSet(win32.join(win32.dirname(path), 'powershell.config.json'));
    const values = await Promise.all(['HKLM', 'HKCU'].map((hive) => registry(`${hive}\\${POLICY_KEY}`, 'ExecutionPolicy')));
    return values.flat().some(isPolicySet);
  }

  return {
    kind: 'windows',
    hostname: hostname(),
    os: `${version()} (${release()})`,
    tz: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...(host === undefined ? {} : { host }),
    async shell(shell) {
      if (shell === 'sh') return { unsupported: 'sh does not exist on Windows' };
      if (shell === 'pwsh') return pwshPath();
      const path = shell === 'cmd' ? system('cmd.exe') : powershell;
      return (await isExecutable(path)) ? { path } : { missing: `${path} is not there` };
    },
    // Client Windows refuses every script while nobody has said anything; what somebody has said stays as it is.
    executionPolicyArgs: async (shell, path) => ((await policyIsSet(shell, path)) ? [] : ['-ExecutionPolicy', 'Bypass']),
    consoleEncoding: async () => codePageLabel((await registry(CODE_PAGE_KEY, 'OEMCP'))[0]),
    async startOf(pid) {
      const look = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
      // It fails when there is no such process.
      const { stdout } = await run(powershell, [...QUIETLY, look], { windowsHide: true }).catch(() => ({ stdout: '' }));
      return stdout.trim() || undefined;
    },
    async endTree(tree, force) {
      // First what is surely ours, at once: listing processes takes longer than a kill may.
      if (tree.pid !== undefined && !force) await taskkill([tree.pid]);
      else await taskkill(await members(tree));
    },
    alive: async (tree) => (await members(tree)).length,
    async metered() {
      const { stdout } = await run(powershell, [...QUIETLY, READ_COST], { windowsHide: true }).catch(() => ({ stdout: '' }));
      return isMetered(stdout);
    },
    async hardware() {
      const uuid = '(Get-CimInstance -ClassName Win32_ComputerSystemProduct).UUID';
      // Where WMI is broken the other has to do.
      const asked = await run(powershell, [...QUIETLY, uuid], { windowsHide: true }).catch(() => ({ stdout: '' }));
      return hardwareOf(asked.stdout, (await registry('HKLM\\SOFTWARE\\Microsoft\\Cryptography', 'MachineGuid'))[0]);
    },
    // SYSTEM, as which the agent runs, can no user be.
    ...dataProtection(powershell),
  };
}

async function pwshPolicyIsSet(file: string): Promise<boolean> {
  try {
    const config = JSON.parse((await readFile(file, 'utf8')).replace(/^\uFEFF/, '')) as Record<string, unknown>;
    return isPolicySet(config['Microsoft.PowerShell:ExecutionPolicy']);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    // A file that cannot be read may hold a policy: leave it to PowerShell.
    return true;
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
