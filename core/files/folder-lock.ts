import { closeSync, openSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { ensureFolder } from './atomic-write.ts';
import { diskError, errnoOf } from './disk-error.ts';

const SQLITE_BUSY = 5;
/** Milliseconds: a process that was just killed may take a moment to let go. */
const PATIENCE = 1000;
const STEP = 50;

/** A connection that is garbage-collected closes, and its lock would be gone. */
const held = new Set<DatabaseSync>();

/**
 * Makes this process the only one that uses `dir`, until the lock is disposed of or the process ends, however it ends.
 * The lock is the operating system's own lock on `<dir>/lock`, taken through SQLite because Node offers no other way
 * that holds on Linux and Windows alike: no pid has to be believed, nothing stale can be left, and two that start
 * together cannot both have it. `<dir>/lock.pid` only serves to say who has it.
 * Rejects with `folder_in_use` naming the other process, or `disk_full` / `folder_unwritable`.
 */
export async function lockFolder(dir: string): Promise<AsyncDisposable> {
  await ensureFolder(dir);
  for (let waited = 0; ; waited += STEP) {
    const lock = tryLock(join(dir, 'lock'));
    if (lock) return await signed(lock, join(dir, 'lock.pid'));
    if (waited >= PATIENCE) throw new KanadeError('folder_in_use', `${dir} is in use by ${await holder(join(dir, 'lock.pid'))}`);
    await sleep(STEP);
  }
}

function tryLock(path: string): DatabaseSync | undefined {
  let db: DatabaseSync | undefined;
  try {
    makeOurs(path);
    db = new DatabaseSync(path);
    db.exec('BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return undefined;
    throw new KanadeError('folder_unwritable', `${path} cannot be locked: ${messageOf(error)}`, { cause: error });
  }
}

/**
 * SQLite would make the file readable by all, and on POSIX whoever can open it can lock it. Only one that is not there is
 * opened here: closing it would let go of the lock that another part of this process may have on it.
 */
function makeOurs(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

async function signed(lock: DatabaseSync, pidPath: string): Promise<AsyncDisposable> {
  try {
    await writeFile(pidPath, String(process.pid), { mode: 0o600 });
  } catch (error) {
    lock.close();
    throw diskError(error, pidPath);
  }
  held.add(lock);
  return {
    async [Symbol.asyncDispose]() {
      if (held.delete(lock)) lock.close();
    },
  };
}

async function holder(pidPath: string): Promise<string> {
  try {
    const pid = Number(await readFile(pidPath, 'utf8'));
    // The holder may have been too new to have signed, and what stands there is its predecessor's.
    return Number.isInteger(pid) && isAlive(pid) ? `process ${pid}` : 'another process';
  } catch {
    // Whoever it is, the folder is taken: that is what the refusal says.
    return 'another process';
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}
