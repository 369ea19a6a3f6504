import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '#core/contract/errors.ts';
import { checkId } from '#core/contract/ids.ts';
import type { RunLog } from './script.ts';

export interface PidRecord {
  pid: number;
  /** What `Platform.startOf` said; null when it could not tell. */
  start: string | null;
}

export const PID_FILE = 'pid.json';
export const RESULT_FILE = 'result.json';
/** In place of it for a script that runs as a user: made by kanade-host, for him to write and for nobody else. */
export const userResultFile = (session: number): string => `result-${session}.json`;
/** The current folder of scripts that name none: empty and ours alone, because cmd looks for programs there first. */
export const WORK_FOLDER = 'work';

/** `<data>/run/<result_id>`. On Windows only the agent's account can read it, by what it inherits from the data folder. */
export function runFolder(dir: string, resultId: string): string {
  return join(dir, checkId('result_id', resultId));
}

export async function makeRunFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await mkdir(join(folder, WORK_FOLDER), { recursive: true, mode: 0o700 });
  for (const [name, bytes] of files) await writeFile(join(folder, name), bytes, { mode: 0o600 });
}

/** Deletes the folder. What something still holds open is tried again for about a second, then left to the agent's next start. */
export async function removeRunFolder(folder: string, log: RunLog): Promise<void> {
  try {
    // First the record: where the rest stays behind, nobody is to take it for a script that runs.
    await rm(join(folder, PID_FILE), { force: true });
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 70 });
  } catch (error) {
    log.warn({ folder, error: messageOf(error) }, 'could not delete the folder of a script');
  }
}

/** A crash of the agent leaves it to the next one; nothing of it has to outlive a power cut, which ends the script too. */
export async function writePidRecord(folder: string, record: PidRecord): Promise<void> {
  await writeFile(join(folder, PID_FILE), JSON.stringify(record), { mode: 0o600 });
}

/** Undefined when there is none, or when the crash came while it was written: the marker finds the script then. */
export async function readPidRecord(folder: string): Promise<PidRecord | undefined> {
  const text = await readIfThere(join(folder, PID_FILE));
  if (text === undefined) return undefined;
  try {
    const { pid, start } = JSON.parse(text) as Partial<PidRecord>;
    return typeof pid === 'number' && typeof start === 'string' ? { pid, start } : undefined;
  } catch {
    // Written halfway, see above.
    return undefined;
  }
}

/** The result ids that have a folder. */
export async function listRunFolders(dir: string): Promise<string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
