import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';

/** A pipe that nobody writes to does not hold us up; Windows has no such thing in a folder. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * The text of a file that somebody else may write: undefined when there is none, when it is longer than that, and when its
 * name leads elsewhere (a link, whenever it was put there), so that nobody has us read what only we may.
 */
export async function readPlainFile(path: string, maxBytes: number): Promise<string | undefined> {
  try {
    await using file = await open(path, READ);
    const [opened, named] = await Promise.all([file.stat({ bigint: true }), lstat(path, { bigint: true })]);
    // Not the volume as well: of that Windows has told handles and names apart.
    if (!opened.isFile() || !named.isFile() || opened.ino !== named.ino) return undefined;
    if (opened.size > maxBytes) return undefined;
    // It may grow meanwhile.
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Number(opened.size)), 0, Number(opened.size), 0);
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
