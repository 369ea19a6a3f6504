import { readdir, readFile } from 'node:fs/promises';
import type { ProcessRow } from './tree-of.ts';

/** Every running process, marked when its environment holds `KANADE_RESULT_ID=<marker>`. Zombies have ended and are left out. */
export async function linuxProcesses(marker: string): Promise<ProcessRow[]> {
  const needle = Buffer.from(`\0KANADE_RESULT_ID=${marker}\0`);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const rows = await Promise.all(
    pids.map(async (pid): Promise<ProcessRow | undefined> => {
      const stat = await readProc(pid, 'stat');
      const row = stat && parseStat(stat.toString('latin1'));
      if (!row) return undefined;
      const environ = (await readProc(pid, 'environ')) ?? Buffer.alloc(0);
      return { ...row, marked: Buffer.concat([Buffer.of(0), environ]).includes(needle) };
    }),
  );
  return rows.filter((row) => row !== undefined);
}

/** The line of /proc/<pid>/stat; undefined for a process that has ended and only waits to be reaped. */
export function parseStat(line: string): Omit<ProcessRow, 'marked'> | undefined {
  // The name in brackets may hold blanks and brackets itself, so what follows starts after the last one.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const [state, ppid, group, session] = fields;
  if (state === undefined || state === 'Z' || state === 'X') return undefined;
  return {
    pid: Number.parseInt(line, 10),
    ppid: Number(ppid),
    group: Number(group),
    session: Number(session),
    start: Number(fields[19]),
  };
}

async function readProc(pid: string, file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(`/proc/${pid}/${file}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Ended while we looked, or another user's process: nothing that a script of ours left, or nothing we may end.
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return undefined;
    throw error;
  }
}
