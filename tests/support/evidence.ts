import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { TestKanade } from './kanade.ts';

/** What proves how often a script ran: each run appends a line to a file of its own, outside of everything it could be told. */
export interface Evidence {
  path: string;
  /** A line of a script that leaves one line behind. */
  line: string;
  /** The runs until now. */
  runs(): Promise<number>;
}

export function evidence(kanade: TestKanade, name: string): Evidence {
  const path = join(kanade.dir, `${name}.runs`);
  const lines = async () => (await readFile(path, 'utf8').catch(() => '')).split('\n').length - 1;
  return { path, line: `echo $$ >> ${path}`, runs: lines };
}

/** A later command on the same PC has run: whatever was going to happen to what came before it, has happened. */
export async function settled(kanade: TestKanade, pc: string): Promise<void> {
  const exec = await kanade.backend.submit({ script: 'true', target: { pcs: [pc] } });
  await kanade.backend.inState(exec, pc, 'succeeded');
}

/** Whether the process is gone, all but a zombie that nobody has to end. */
export async function gone(pid: number): Promise<boolean> {
  expect(pid).toBeGreaterThan(0);
  const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return state === undefined || state.slice(state.lastIndexOf(')') + 2).startsWith('Z');
}
