import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { journalled } from '#tests/support/journal.ts';
import { tempDir } from '#tests/support/temp.ts';

const program = join(import.meta.dirname, '../support/part-program.ts');

test.each([
  ['says why', 'stop reboot\n', /ended: reboot/],
  ['hangs up', '', /ended: the service is stopped/],
  ['says what nobody knows', 'stop at once\nreboot\n', /ended: the service is stopped/],
])('a service ends when its host %s', async (_, words, ended) => {
  await using temp = await tempDir();
  const journal = join(temp.path, 'journal');
  const service = spawn(process.execPath, [program, journal, 'five', '--service'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const exited = once(service, 'exit');
  await journalled(journal, /pid (\d+)/);
  service.stdin.end(words);
  await journalled(journal, ended);
  expect(await exited).toEqual([5, null]);
});

test('what is no service does not look at its standard input', async () => {
  await using temp = await tempDir();
  const journal = join(temp.path, 'journal');
  const one = spawn(process.execPath, [program, journal, 'five'], { stdio: ['pipe', 'ignore', 'ignore'] });
  const exited = once(one, 'exit');
  await journalled(journal, /pid (\d+)/);
  one.stdin.end('stop reboot\n');
  one.kill('SIGTERM');
  await journalled(journal, /ended: SIGTERM/);
  expect(await exited).toEqual([5, null]);
});
