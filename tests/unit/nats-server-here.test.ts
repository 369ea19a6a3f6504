import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { natsServerHere } from '#backend/broker/nats-server-here.ts';
import { tempDir } from '#tests/support/temp.ts';

const { signal } = new AbortController();

async function folderOnPath() {
  const folder = await tempDir();
  const path = join(folder.path, 'nats-server');
  await writeFile(path, '#!/bin/sh\necho nats-server: v2.15.1\n');
  await chmod(path, 0o755);
  return Object.assign(folder, { nats: path, env: { PATH: folder.path }, missing: join(folder.path, 'installed') });
}

test('where none was installed with us, the nats-server on PATH does', async () => {
  await using folder = await folderOnPath();
  expect(await natsServerHere(folder.env, signal, { installed: folder.missing, platform: 'linux' })).toBe(folder.nats);
});

test('on Windows the one that was installed is run or none: folders on PATH may be of users', async () => {
  await using folder = await folderOnPath();
  const asked = natsServerHere(folder.env, signal, { installed: folder.missing, platform: 'win32' });
  await expect(asked).rejects.toMatchObject({ code: 'broker_missing', message: expect.stringContaining(folder.missing) });
});
