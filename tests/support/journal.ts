import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';

/** Waits until a line of the file that a test program writes matches; the first match. */
export async function journalled(path: string, pattern: RegExp): Promise<RegExpExecArray> {
  let found: RegExpExecArray | null = null;
  await expect
    .poll(
      async () => {
        found = pattern.exec(await readFile(path, 'utf8').catch(() => ''));
        return found !== null;
      },
      { timeout: 20_000 },
    )
    .toBe(true);
  return found!;
}
