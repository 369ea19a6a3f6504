import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file as it is to lie in a folder of what is installed. */
export interface PackFile {
  /** With slashes. */
  name: string;
  bytes: Uint8Array;
  /** A program, where the system asks for that. */
  executable?: true;
}

/** The hashes of all that lies beside it. */
export const SUMS_FILE = 'SHA256SUMS';

export function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** All files below a folder, in the order of their names. */
export async function filesIn(folder: string): Promise<PackFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  const files = await Promise.all(
    names.map(async (name) => ({ name: name.replaceAll('\\', '/'), bytes: await readFile(join(folder, name)) })),
  );
  return files.sort(byName);
}

/** Writes them below `folder`, all of them as old as `at`: some formats keep that. */
export async function writeFiles(folder: string, files: readonly PackFile[], at: Date): Promise<void> {
  for (const { name, bytes, executable } of files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes, { mode: executable ? 0o755 : 0o644 });
    await utimes(path, at, at);
  }
}
