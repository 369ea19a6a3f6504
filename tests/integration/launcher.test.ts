import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processStart } from '#core/process/process-start.ts';
import { journalled } from '#tests/support/journal.ts';
import { tempDir } from '#tests/support/temp.ts';

const support = join(import.meta.dirname, '../support');
const one = [join(support, 'launch-one.mjs'), join(support, 'part-program.ts')];

/** The launcher with a program that writes into `journal`; both run when it resolves. */
async function launched(journal: string, how = '') {
  const launcher = spawn(process.execPath, [...one, journal, how], { stdio: 'ignore' });
  const [, pid] = await journalled(journal, /pid (\d+)/);
  return { launcher, pid: Number(pid) };
}

// Windows has no signals to forward and no such shell.
const posix = test.skipIf(process.platform === 'win32');

const gone = (pid: number) => expect.poll(() => processStart(pid), { timeout: 20_000 }).toBeUndefined();

posix.each(['SIGINT', 'SIGTERM'] as const)('%s reaches the program, whose exit code is passed on', async (name) => {
  await using temp = await tempDir();
  const journal = join(temp.path, 'journal');
  const { launcher, pid } = await launched(journal, 'five');
  const exited = once(launcher, 'exit');
  launcher.kill(name);
  expect(await exited).toEqual([5, null]);
  await journalled(journal, new RegExp(`ended: ${name}`));
  await gone(pid);
});

test('the program ends itself when the launcher is killed', async () => {
  await using temp = await tempDir();
  const journal = join(temp.path, 'journal');
  const { launcher, pid } = await launched(journal);
  launcher.kill('SIGKILL');
  await journalled(journal, /ended: the process that started this one is gone/);
  await gone(pid);
});

posix('the program is told when the shell that ran the launcher dies without a word', async () => {
  await using temp = await tempDir();
  const journal = join(temp.path, 'journal');
  // The second command keeps the shell from becoming the launcher.
  const script = `"$0" "$@"; true`;
  const shell = spawn('/bin/sh', ['-c', script, process.execPath, ...one, journal], { stdio: 'ignore' });
  const [, pid] = await journalled(journal, /pid (\d+)/);
  shell.kill('SIGKILL');
  await journalled(journal, /ended: SIGTERM/);
  await gone(Number(pid));
});
