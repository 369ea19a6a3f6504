import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * The executable files of that name in the absolute folders of a PATH, in its order. A relative folder would depend on where
 * the program was started from, and whoever may write there would be run.
 */
export async function* allOnPath(name: string, path: string | undefined): AsyncGenerator<string> {
  for (const folder of (path ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const file = join(folder, name);
    if (await isExecutable(file)) yield file;
  }
}

/** The first of them. */
export async function findOnPath(name: string, path: string | undefined): Promise<string | undefined> {
  for await (const file of allOnPath(name, path)) return file;
  return undefined;
}

export async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    // Not there or not allowed: to whoever looks for a program that is the same.
    return false;
  }
}
