import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockFolder } from '#core/files/folder-lock.ts';
import { startChild } from '#tests/support/child.ts';
import { tempDir } from '#tests/support/temp.ts';

test('a second process is refused and told who has the folder', async () => {
  await using temp = await tempDir();
  await using holder = startChild('hold-folder.ts', temp.path);
  expect(await holder.next()).toBe('locked');
  await expect(lockFolder(temp.path)).rejects.toMatchObject({
    code: 'folder_in_use',
    message: `${temp.path} is in use by process ${holder.process.pid}`,
  });
});

test('a process that was killed leaves nothing locked', async () => {
  await using temp = await tempDir();
  for (let round = 0; round < 3; round++) {
    await using holder = startChild('hold-folder.ts', temp.path);
    expect(await holder.next()).toBe('locked');
    await holder.kill();
  }
  await using _ = await lockFolder(temp.path);
});

test('of many that start at once exactly one has it', async () => {
  await using temp = await tempDir();
  const dir = join(temp.path, 'new', 'folder');
  await using all = new AsyncDisposableStack();
  const children = Array.from({ length: 5 }, () => all.use(startChild('hold-folder.ts', dir)));
  const answers = await Promise.all(children.map((child) => child.next()));
  expect(answers.filter((answer) => answer === 'locked')).toHaveLength(1);
  expect(answers.filter((answer) => answer?.includes('is in use by process'))).toHaveLength(4);
});

test('disposing of the lock lets the next one in, and locking twice in one process is refused too', async () => {
  await using temp = await tempDir();
  const lock = await lockFolder(temp.path);
  await expect(lockFolder(temp.path)).rejects.toMatchObject({ code: 'folder_in_use' });
  await lock[Symbol.asyncDispose]();
  await lock[Symbol.asyncDispose]();
  await using _ = await lockFolder(temp.path);
});

test('the pid of a predecessor that still stands there is not believed', async () => {
  await using temp = await tempDir();
  const gone = fork('', [], { execArgv: ['-e', '0'], stdio: 'ignore' });
  await once(gone, 'exit');
  await using _ = await lockFolder(temp.path);
  await writeFile(join(temp.path, 'lock.pid'), String(gone.pid));
  await expect(lockFolder(temp.path)).rejects.toThrow(`${temp.path} is in use by another process`);
});

test('a folder that cannot be written is not locked', async () => {
  await using temp = await tempDir();
  await mkdir(join(temp.path, 'lock'));
  await expect(lockFolder(temp.path)).rejects.toMatchObject({ code: 'folder_unwritable' });
});

test.skipIf(process.platform === 'win32')('nobody else can open the lock, and so nobody else can take it', async () => {
  await using temp = await tempDir();
  await using _ = await lockFolder(temp.path);
  expect((await stat(join(temp.path, 'lock'))).mode & 0o777).toBe(0o600);
});
