import { readFile } from 'node:fs/promises';
import { windowsPowershell } from './data-protection.ts';
import { runCommand } from './run-command.ts';

/**
 * What tells a process from a later one that got the same pid: when it was started, in whatever form the system tells it;
 * undefined when no such process runs. On Linux a zombie counts as gone: it can do nothing any more.
 */
export async function processStart(pid: number): Promise<string | undefined> {
  if (process.platform === 'linux') return linuxStart(pid);
  const { code, stdout } =
    process.platform === 'win32'
      ? await runCommand(windowsPowershell(process.env), [
          '-NoProfile',
          '-NonInteractive',
          '-Command',
          `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`,
        ])
      : await runCommand('ps', ['-o', 'lstart=', '-p', String(pid)]);
  return (code === 0 && stdout.trim()) || undefined;
}

async function linuxStart(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The second field is the name in brackets and may hold anything, brackets too.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    // Field 22 counts ticks since boot, so another boot could repeat it.
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'latin1');
    return `${boot.trim()}/${fields[19]}`;
  } catch {
    return undefined; // it has ended
  }
}
