import { readdir, stat, statfs } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';

/** Bytes JetStream may take: most of what is free, what it has already included, so that a restart comes to the same. */
export async function storeLimits(storeDir: string): Promise<{ maxFile: number; maxMemory: number }> {
  const { bavail, bsize } = await statfs(storeDir);
  return { maxFile: fileLimit(bavail * bsize, await bytesIn(storeDir)), maxMemory: Math.floor(totalmem() / 4) };
}

const SHARE = 0.8;

export function fileLimit(free: number, used: number): number {
  return Math.floor(SHARE * (free + used));
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}
