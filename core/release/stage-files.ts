import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { diskError } from '#core/files/disk-error.ts';
import { installedText } from './installed.ts';
import { INSTALLED_FILE, type ReleaseFile, type ReleaseManifest } from './manifest.ts';

/** Rejects unless it is a folder itself: a link or a junction would have us write, and remove, elsewhere. */
export async function assertOwnFolder(folder: string): Promise<void> {
  const about = await lstat(folder);
  if (!about.isDirectory()) throw new KanadeError('release_folder_unsafe', `${folder} is a link or a file, and has to be a folder`);
}

/** What calls left behind that were ended. A link goes itself, not what it leads to. */
export async function removeLeftovers(folder: string, ending: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name.endsWith(ending)) await rm(join(folder, name), { recursive: true, force: true, maxRetries: 5 });
}

/** Whether the folder holds this release already: its files, each as it is to be, and nothing else. */
export async function isWhole(folder: string, { version, files }: ReleaseManifest, signal: AbortSignal): Promise<boolean> {
  try {
    await assertOwnFolder(folder);
    const there = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => !entry.isDirectory());
    // What is a link is no file, and is counted.
    if (there.length !== files.length + 1) return false;
    if ((await readFile(join(folder, INSTALLED_FILE), 'utf8')) !== installedText(version, files)) return false;
    for (const file of files) {
      const hash = createHash('sha256');
      for await (const part of bytesOfFile(join(folder, file.path))) {
        signal.throwIfAborted();
        hash.update(part);
      }
      if (hash.digest('hex') !== file.sha256) return false;
    }
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof KanadeError && error.code === 'release_folder_unsafe') throw error;
    // Not there, or not to be read: it is made anew.
    return false;
  }
}

/** Of a plain file; of anything else `release_file_wrong`. */
export async function* bytesOfFile(path: string): AsyncGenerator<Uint8Array> {
  try {
    if (!(await lstat(path)).isFile()) throw new Error('it is no plain file');
    await using file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
    yield* file.createReadStream({ autoClose: false });
  } catch (cause) {
    throw new KanadeError('release_file_wrong', `${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Writes `bytes` to a new file and makes sure that they are the file of the release while they come in: one byte too many ends it.
 * Nothing is left at `path` when it rejects: with `release_file_wrong`, what the disk has, or what `bytes` rejects with.
 */
export async function writeFileOf(path: string, wanted: ReleaseFile, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  const disk = <T>(action: Promise<T>) => action.catch((error) => Promise.reject(diskError(error, path)));
  try {
    await using file = await disk(open(path, 'wx', 0o644));
    const hash = createHash('sha256');
    let size = 0;
    for await (const part of bytes) {
      signal.throwIfAborted();
      size += part.length;
      if (size > wanted.size) throw wrong(wanted, `more than ${wanted.size} bytes`);
      hash.update(part);
      await disk(file.writeFile(part));
    }
    if (size !== wanted.size) throw wrong(wanted, `${size} bytes`);
    const found = hash.digest('hex');
    if (found !== wanted.sha256) throw wrong(wanted, `bytes with SHA-256 ${found}`);
    await disk(file.datasync());
  } catch (error) {
    await rm(path, { force: true }).catch(() => {});
    throw error;
  }
}

function wrong({ path, size, sha256 }: ReleaseFile, found: string): KanadeError {
  return new KanadeError('release_file_wrong', `${path} is to have ${size} bytes with SHA-256 ${sha256}; what came has ${found}`);
}
