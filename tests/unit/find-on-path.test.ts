import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { findNatsServer } from '#backend/broker/find-nats-server.ts';
import { allOnPath, findOnPath } from '#core/process/find-on-path.ts';
import { tempDir } from '#tests/support/temp.ts';

async function program(folder: string, name: string, text: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = join(folder, name);
  await writeFile(file, `#!/bin/sh\n${text}\n`);
  await chmod(file, 0o755);
  return file;
}

test('only absolute folders of PATH count, in their order', async () => {
  await using temp = await tempDir();
  const [first, second] = [await program(join(temp.path, 'a'), 'tool', ''), await program(join(temp.path, 'b'), 'tool', '')];
  const near = relative(process.cwd(), join(temp.path, 'a'));
  const path = ['', '.', near, join(temp.path, 'a'), join(temp.path, 'b')].join(delimiter);
  expect(await Array.fromAsync(allOnPath('tool', path))).toEqual([first, second]);
  expect(await findOnPath('tool', near)).toBeUndefined();
  expect(await findOnPath('tool', undefined)).toBeUndefined();
});

test.skipIf(process.platform === 'win32')('a nats-server in a relative folder of PATH is not run', async () => {
  await using temp = await tempDir();
  const says = 'echo "nats-server: v2.99.0"';
  await program(join(temp.path, 'near'), 'nats-server', says);
  const real = await program(join(temp.path, 'far'), 'nats-server', says);
  const PATH = [relative(process.cwd(), join(temp.path, 'near')), join(temp.path, 'far')].join(delimiter);
  expect((await findNatsServer({ env: { PATH } })).path).toBe(real);
});
