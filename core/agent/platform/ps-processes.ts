import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ProcessRow } from './tree-of.ts';

/** For a POSIX without /proc (macOS): every process, none of them marked, because environments cannot be read there. */
export async function psProcesses(): Promise<ProcessRow[]> {
  const env = { ...process.env, LC_ALL: 'C' };
  const { stdout } = await promisify(execFile)('/bin/ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,lstart='], {
    env,
    maxBuffer: 64 * 1024 * 1024,
  });
  return parsePs(stdout);
}

export function parsePs(text: string): ProcessRow[] {
  const rows: ProcessRow[] = [];
  for (const line of text.split('\n')) {
    const [, pid, ppid, group, state, start] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+)$/.exec(line) ?? [];
    if (state === undefined || start === undefined || state.startsWith('Z')) continue;
    rows.push({ pid: Number(pid), ppid: Number(ppid), group: Number(group), start: Date.parse(start), marked: false });
  }
  return rows;
}
