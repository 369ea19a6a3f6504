import { readdir, readFile } from 'node:fs/promises';
import { windowsPowershell } from './data-protection.ts';
import { runCommand } from './run-command.ts';

const LIST = 'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId) $($_.CommandLine)" }';

/** The pids of all processes, as far as this user may look at them, that were started with these two arguments side by side. */
export async function processesWith(flag: string, value: string): Promise<number[]> {
  if (process.platform === 'linux') return linuxWith(flag, value);
  const { stdout } =
    process.platform === 'win32'
      ? await runCommand(windowsPowershell(process.env), ['-NoProfile', '-NonInteractive', '-Command', LIST])
      : await runCommand('ps', ['-axww', '-o', 'pid=,command=']);
  // Here arguments come as one text, in which Windows puts quotes round those with spaces.
  const ends = [`${flag} ${value}`, `${flag} "${value}"`];
  const lines = stdout.split(/\r?\n/).filter((line) => ends.some((end) => line.trimEnd().endsWith(end)));
  return lines.map((line) => Number.parseInt(line, 10));
}

async function linuxWith(flag: string, value: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0'); // ended meanwhile
    if (args.some((arg, i) => arg === flag && args[i + 1] === value)) found.push(Number(pid));
  }
  return found;
}
