import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { diskError, isBusy } from './disk-error.ts';

type Move = (from: string, to: string) => Promise<void>;

const TEMP = '.tmp';
const TRIES = 10;
/** Milliseconds. */
const FIRST_PAUSE = 10;
const LAST_PAUSE = 250;

let made = 0;

/**
 * Puts `bytes` at `path` so that a reader, also after a power cut, finds the old file or the new one and never a part.
 * Durable when it resolves. Rejects with `disk_full` or `folder_unwritable`; the folder has to be there.
 * `move` is a parameter for the sake of what Windows does and Linux does not: refuse a rename for a moment.
 */
export async function atomicWrite(path: string, bytes: Uint8Array | string, move: Move = rename): Promise<void> {
  // No other live thread writes under this name, and what a dead one left behind is simply overwritten.
  const temp = `${path}.${process.pid}-${threadId}-${++made}${TEMP}`;
  try {
    await writeThrough(temp, bytes);
    await moveFile(temp, path, move);
    await syncFolder(dirname(path));
  } catch (error) {
    // A leftover harms nobody: readers ignore it and the next start sweeps it.
    await rm(temp, { force: true }).catch(() => {});
    throw diskError(error, path);
  }
}

/** Renames, patiently. */
export function moveFile(from: string, to: string, move: Move = rename): Promise<void> {
  return patiently(() => move(from, to));
}

/** Repeats `action` for about 1.5 s while whoever else has the file open is in the way. Rejects with the error of the last try. */
export async function patiently<T>(action: () => Promise<T>): Promise<T> {
  let pause = FIRST_PAUSE;
  for (let tries = 1; ; tries++) {
    try {
      return await action();
    } catch (error) {
      if (tries === TRIES || !isBusy(error)) throw error;
    }
    await sleep(pause);
    pause = Math.min(pause * 2, LAST_PAUSE);
  }
}

/** Makes the folder and its parents, readable by this user only. Rejects with `disk_full` or `folder_unwritable`. */
export async function ensureFolder(dir: string): Promise<void> {
  try {
    const first = await mkdir(dir, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let parent = dirname(dir); parent.length >= dirname(first).length; parent = dirname(parent)) {
      await syncFolder(parent);
      if (parent === dirname(parent)) break;
    }
  } catch (error) {
    throw diskError(error, dir);
  }
}

/** Removes what writers that died left in `dir`; only for whoever owns the folder alone. */
export async function sweepTemps(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    // On a folder that has become read-only they stay, and stay ignored.
    if (isTemp(name)) await rm(join(dir, name), { force: true }).catch(() => {});
  }
}

export function isTemp(path: string): boolean {
  return basename(path).endsWith(TEMP);
}

async function writeThrough(path: string, bytes: Uint8Array | string): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.writeFile(bytes);
  await file.sync();
}

/** A rename is durable once its folder is; Windows does that by itself and cannot be asked. */
export async function syncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using folder = await open(dir, 'r');
  await folder.sync();
}
