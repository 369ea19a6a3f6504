import { readFile } from 'node:fs/promises';
import { ensureFolder, patiently } from './atomic-write.ts';
import { errnoOf } from './disk-error.ts';
import { lockFolder } from './folder-lock.ts';

/** Undefined when there is no such file. */
export async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await patiently(() => readFile(path));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** What `read` finds in `folder`, or what `make` puts there: of two programs that start together the second finds what the first has made. */
export async function readOrMake<T>(folder: string, read: () => Promise<T | undefined>, make: () => Promise<T>): Promise<T> {
  const there = await read();
  if (there !== undefined) return there;
  await ensureFolder(folder);
  await using _lock = await lockFolder(folder);
  return (await read()) ?? (await make());
}
