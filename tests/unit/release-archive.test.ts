import { readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '#core/process/run-command.ts';
import { archiveParts, readArchive } from '#core/release/archive.ts';
import { tempDir } from '#tests/support/temp.ts';

const AT = Date.parse('2026-11-22T12:00:00Z');
const ENTRIES = [
  { name: 'envelope.json', bytes: Buffer.from('{}') },
  { name: `files/${'a'.repeat(64)}`, bytes: Buffer.alloc(100_000, 'x') },
  { name: `files/${'b'.repeat(64)}`, bytes: Buffer.alloc(0) },
  { name: `files/${'c'.repeat(64)}`, bytes: Buffer.alloc(1024, 'y') },
];
const made = Buffer.concat([...archiveParts(ENTRIES, AT)]);

async function* inParts(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Buffer, size = 700): Promise<{ name: string; bytes: Buffer }[]> {
  const found = [];
  for await (const { name, content } of readArchive(inParts(bytes, size))) {
    const parts = [];
    for await (const part of content) parts.push(part);
    found.push({ name, bytes: Buffer.concat(parts) });
  }
  return found;
}

test('an archive is read as it was made, however its bytes come', async () => {
  for (const size of [1, 512, 700, made.length]) expect(await read(made, size)).toEqual(ENTRIES);
  expect(Buffer.concat([...archiveParts(ENTRIES, AT)]).equals(made)).toBe(true);
});

test('what nobody reads of an entry is passed over', async () => {
  const names = [];
  for await (const { name } of readArchive(inParts(made, 700))) names.push(name);
  expect(names).toEqual(ENTRIES.map(({ name }) => name));
});

test('it is a tar like any other', async () => {
  await using temp = await tempDir();
  await writeFile(join(temp.path, 'made.release'), made);
  const { code, stdout } = await runCommand('tar', ['-tvf', join(temp.path, 'made.release')], { env: { ...process.env, TZ: 'UTC' } });
  expect(code).toBe(0);
  expect(stdout.split('\n')[1]).toMatch(/^-rw-r--r-- 0\/0 +100000 2026-11-22 12:00 files\/a{64}$/);
});

test.each([
  ['broken off in a header', made.subarray(0, 600)],
  ['broken off in a file', made.subarray(0, 50_000)],
  ['without its end', made.subarray(0, -1024)],
  ['of nothing', Buffer.alloc(0)],
  ['of something else', Buffer.alloc(2048, 'PK')],
  ['with a header that was altered', Buffer.from(made).fill('9', 124, 125)],
])('one that is %s is refused', async (_, bytes) => {
  await expect(read(Buffer.from(bytes))).rejects.toMatchObject({ code: 'release_malformed' });
});

test('a link in it is refused', async () => {
  await using temp = await tempDir();
  await symlink('/etc/passwd', join(temp.path, 'link'));
  const { code } = await runCommand('tar', ['--format=ustar', '-cf', join(temp.path, 'made.tar'), '-C', temp.path, 'link']);
  expect(code).toBe(0);
  await expect(read(await readFile(join(temp.path, 'made.tar')))).rejects.toThrow('"link" is not a plain file');
});
