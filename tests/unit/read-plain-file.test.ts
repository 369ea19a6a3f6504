import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPlainFile } from '#core/files/read-plain-file.ts';
import { tempDir } from '#tests/support/temp.ts';

test('only what is a file by that name, and not too long, is read', async () => {
  await using dir = await tempDir();
  const at = (name: string) => join(dir.path, name);
  await writeFile(at('file'), 'héllo');
  await symlink(at('file'), at('link'));
  await mkdir(at('folder'));
  expect(await readPlainFile(at('file'), 6)).toBe('héllo');
  expect(await readPlainFile(at('file'), 5)).toBeUndefined();
  expect(await readPlainFile(at('link'), 100)).toBeUndefined();
  expect(await readPlainFile(at('nothing'), 100)).toBeUndefined();
  expect(await readPlainFile(at('folder'), 100_000)).toBeUndefined();
});

test.skipIf(process.platform === 'win32')('a pipe that nobody writes to holds nobody up', async () => {
  await using dir = await tempDir();
  const pipe = join(dir.path, 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect(await readPlainFile(pipe, 100)).toBeUndefined();
});
