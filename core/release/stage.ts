import { mkdir, rm, statfs } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { KanadeError } from '#core/contract/errors.ts';
import { atomicWrite, moveFile, syncFolder } from '#core/files/atomic-write.ts';
import { diskError } from '#core/files/disk-error.ts';
import { installedText, readInstalled } from './installed.ts';
import { bytesOf, INSTALLED_FILE, type ReleaseFile, type ReleaseManifest } from './manifest.ts';
import { assertOwnFolder, bytesOfFile, isWhole, removeLeftovers, writeFileOf } from './stage-files.ts';

export interface StageRelease {
  /** Of a release that was verified. */
  manifest: ReleaseManifest;
  /** Where each version has a folder; only this program and the installer write there. */
  versionsFolder: string;
  /** The version that runs: what it has already is not fetched. */
  runningFolder: string;
  /** The bytes with that hash; it alone knows from where, and tries again what may pass. Nothing that it gives is believed. */
  fetch: (sha256: string, size: number, signal: AbortSignal) => AsyncIterable<Uint8Array>;
  signal: AbortSignal;
  /** Bytes that are free on the disk of a folder. */
  freeBytes?: (folder: string) => Promise<number>;
}

export interface Staged {
  /** `versions/<version>`. */
  folder: string;
  /** What travelled; 0 when the version lay there already. */
  fetchedBytes: number;
  fetchedFiles: number;
  copiedFiles: number;
  /** Files of the running version that are not what its own list says, and so were fetched. */
  alteredFiles: string[];
}

/** Bytes that stay free beside what is written: ledger and outbox go on living on that disk. */
const ROOM = 64 * 1024 * 1024;
const UNFINISHED = '.partial';

/**
 * Makes `versions/<version>` of a release: beside it first, renamed when every file is there and was checked, `release.json` last. It
 * may be ended at any point and called again: what an earlier call left unfinished is thrown away, what it finished is taken.
 * Rejects with `release_file_wrong`, `release_folder_unsafe`, `disk_full`, `folder_unwritable`, or what `fetch` rejects with.
 */
export async function stageRelease(o: StageRelease): Promise<Staged> {
  const { manifest, versionsFolder, signal } = o;
  const folder = join(versionsFolder, manifest.version);
  // What runs is never replaced, whatever a caller forgot to verify.
  if (resolve(folder) === resolve(o.runningFolder)) throw new KanadeError('release_not_newer', `${folder} is the version that runs`);
  await assertOwnFolder(versionsFolder);
  await removeLeftovers(versionsFolder, UNFINISHED);
  const made: Staged = { folder, fetchedBytes: 0, fetchedFiles: 0, copiedFiles: 0, alteredFiles: [] };
  if (await isWhole(folder, manifest, signal)) return made;
  await assertRoom(o);
  const partial = `${folder}${UNFINISHED}`;
  try {
    await fill(partial, o, made);
    signal.throwIfAborted();
    // Of a broken uninstallation, or of another signing: it is not what this release is.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    await moveFile(partial, folder);
    await syncFolder(versionsFolder);
    return made;
  } catch (error) {
    await rm(partial, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
    signal.throwIfAborted();
    throw error;
  }
}

async function fill(partial: string, o: StageRelease, made: Staged): Promise<void> {
  const { manifest, signal } = o;
  const here = await ownFiles(o.runningFolder);
  await writable(partial, () => mkdir(partial));
  const folders = new Set([partial]);
  for (const file of manifest.files) {
    signal.throwIfAborted();
    const path = join(partial, file.path);
    await writable(path, () => mkdir(dirname(path), { recursive: true }));
    folders.add(dirname(path));
    if (await copied(file, path, here.get(file.sha256), o, made)) continue;
    await writeFileOf(path, file, o.fetch(file.sha256, file.size, signal), signal);
    made.fetchedFiles++;
    made.fetchedBytes += file.size;
  }
  await atomicWrite(join(partial, INSTALLED_FILE), installedText(manifest.version, manifest.files));
  for (const each of folders) await syncFolder(each);
}

/** Copies what the running version has; what it only says that it has is to be fetched. */
async function copied(file: ReleaseFile, path: string, own: string | undefined, o: StageRelease, made: Staged): Promise<boolean> {
  if (own === undefined) return false;
  try {
    // The hash is that of the bytes which are written, not of what lay there a moment before.
    await writeFileOf(path, file, bytesOfFile(join(o.runningFolder, own)), o.signal);
    made.copiedFiles++;
    return true;
  } catch (error) {
    if (!(error instanceof KanadeError) || error.code !== 'release_file_wrong') throw error;
    made.alteredFiles.push(own);
    return false;
  }
}

/** What the running version consists of: the name of a file by its hash. */
async function ownFiles(folder: string): Promise<Map<string, string>> {
  const installed = await readInstalled(folder);
  return new Map(installed?.files.map(({ sha256, name }) => [sha256, name]));
}

async function assertRoom({ manifest, versionsFolder, freeBytes = freeBytesOf }: StageRelease): Promise<void> {
  const wanted = bytesOf(manifest.files) + ROOM;
  const free = await freeBytes(versionsFolder);
  if (free >= wanted) return;
  const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1024 / 1024)} MiB`;
  throw new KanadeError(
    'disk_full',
    `version ${manifest.version} needs ${mebibytes(wanted)} free at ${versionsFolder}, and there are ${mebibytes(free)}`,
  );
}

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function writable(path: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw diskError(error, path);
  }
}
