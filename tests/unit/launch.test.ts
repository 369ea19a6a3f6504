import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '#tests/support/temp.ts';
import { findNpm } from '../../core/launch/set-up.mjs';
import { stampOf } from '../../core/launch/stamp.mjs';
import { VERBS } from '../../core/launch/verbs.mjs';

test('the stamp changes with the lock file and the kind of machine, not with line ends', () => {
  const stamp = stampOf('{\n}\n', 'linux', 'x64');
  expect(stampOf('{\r\n}\r\n', 'linux', 'x64')).toBe(stamp);
  expect(
    new Set([stamp, stampOf('{\n }\n', 'linux', 'x64'), stampOf('{\n}\n', 'linux', 'arm64'), stampOf('{\n}\n', 'win32', 'x64')]).size,
  ).toBe(4);
});

test('npm is the one that runs us, else the one beside node, as POSIX or Windows has it', async () => {
  await using temp = await tempDir();
  const place = async (path: string) => {
    const file = join(temp.path, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, '');
    return file;
  };
  const node = join(temp.path, 'bin', 'node');
  expect(findNpm({}, node)).toBeUndefined();
  const windows = await place('bin/node_modules/npm/bin/npm-cli.js');
  expect(findNpm({}, node)).toBe(windows);
  const posix = await place('lib/node_modules/npm/bin/npm-cli.js');
  expect(findNpm({}, node)).toBe(posix);
  const running = await place('other/npm-cli.js');
  expect(findNpm({ npm_execpath: running }, node)).toBe(running);
  // Another package manager that runs us cannot do `ci`.
  expect(findNpm({ npm_execpath: await place('other/yarn.js') }, node)).toBe(posix);
});

test.each([
  'start',
  'backend',
  'agent',
] as const)('npm run %s gives the program what was typed and nothing more: open mode too is asked for by whoever types', async (verb) => {
  const ran: string[][] = [];
  const launcher = {
    run: async (_node: string, args: string[]) => {
      ran.push(args);
      return 0;
    },
  };
  await VERBS[verb]({ launcher, node: 'node', args: ['--log-level', 'warn'] });
  expect(ran).toEqual([[expect.stringMatching(/\.ts$/), '--log-level', 'warn']]);
});
