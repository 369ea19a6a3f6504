import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { string, type } from 'superstruct';
import { expect, test } from 'vitest';
import { atomicWrite, ensureFolder, moveFile, sweepTemps } from '#core/files/atomic-write.ts';
import { StateFile } from '#core/files/state-file.ts';
import { Turns } from '#core/files/turns.ts';
import { untilWritten } from '#core/files/until-written.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';

function failing(code: string, times: number) {
  let tries = 0;
  return {
    tries: () => tries,
    move: async (from: string, to: string) => {
      if (tries++ < times) throw Object.assign(new Error(code), { code });
      await rename(from, to);
    },
  };
}

test('the file holds the new bytes and nothing else is left', async () => {
  await using temp = await tempDir();
  const path = join(temp.path, 'a.json');
  await atomicWrite(path, 'one');
  await atomicWrite(path, new Uint8Array([0, 255]));
  expect([...(await readFile(path))]).toEqual([0, 255]);
  expect(await readdir(temp.path)).toEqual(['a.json']);
});

test.each(['EPERM', 'EACCES', 'EBUSY'])('a rename refused with %s is tried again', async (code) => {
  await using temp = await tempDir();
  const { move, tries } = failing(code, 3);
  await atomicWrite(join(temp.path, 'a'), 'x', move);
  expect(tries()).toBe(4);
  expect(await readFile(join(temp.path, 'a'), 'utf8')).toBe('x');
});

test('a rename refused for good leaves the old file and no temporary one', async () => {
  await using temp = await tempDir();
  const path = join(temp.path, 'a');
  await atomicWrite(path, 'old');
  const { move, tries } = failing('EBUSY', 1000);
  await expect(atomicWrite(path, 'new', move)).rejects.toMatchObject({ code: 'folder_unwritable' });
  expect(tries()).toBe(10);
  expect(await readFile(path, 'utf8')).toBe('old');
  expect(await readdir(temp.path)).toEqual(['a']);
});

test('other failures of a rename are not tried again', async () => {
  const { move, tries } = failing('EXDEV', 1000);
  await expect(moveFile('a', 'b', move)).rejects.toMatchObject({ code: 'EXDEV' });
  expect(tries()).toBe(1);
});

test('no room is disk_full, everything else folder_unwritable', async () => {
  await using temp = await tempDir();
  await writeFile(join(temp.path, 'file'), '');
  const { move } = failing('EDQUOT', 1);
  await expect(atomicWrite(join(temp.path, 'a'), 'x', move)).rejects.toMatchObject({ code: 'disk_full' });
  await expect(atomicWrite(join(temp.path, 'file', 'a'), 'x')).rejects.toMatchObject({ code: 'folder_unwritable' });
  await expect(ensureFolder(join(temp.path, 'file', 'a'))).rejects.toMatchObject({ code: 'folder_unwritable' });
});

test('leftovers of writers that died are swept, everything else stays', async () => {
  await using temp = await tempDir();
  await writeFile(join(temp.path, 'a.json.123-0-1.tmp'), 'half');
  await writeFile(join(temp.path, 'a.json'), 'whole');
  await sweepTemps(temp.path);
  expect(await readdir(temp.path)).toEqual(['a.json']);
});

test('writers of one file at once leave one of their texts whole', async () => {
  await using temp = await tempDir();
  const path = join(temp.path, 'a');
  const texts = Array.from({ length: 20 }, (_, n) => String(n).repeat(5000));
  await Promise.all(texts.map((text) => atomicWrite(path, text)));
  expect(texts).toContain(await readFile(path, 'utf8'));
  expect(await readdir(temp.path)).toEqual(['a']);
});

test('a state file gives back what was set, and its fallback when it is missing or torn', async () => {
  await using temp = await tempDir();
  const path = join(temp.path, 'state', 'pc.json');
  const struct = type({ pc: string() });
  const file = await StateFile.open(path, struct, { pc: 'none' }, quietLog);
  expect(file.value).toEqual({ pc: 'none' });
  await Promise.all([file.set({ pc: 'A' }), file.set({ pc: 'B' })]);
  expect((await StateFile.open(path, struct, { pc: 'none' }, quietLog)).value).toEqual({ pc: 'B' });
  await writeFile(path, '{"pc": 4');
  expect((await StateFile.open(path, struct, { pc: 'none' }, quietLog)).value).toEqual({ pc: 'none' });
});

test('tasks of one key take turns in order, also after one fails; other keys do not wait', async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.run('a', async () => {
    await gate.promise;
    seen.push('a1');
    throw new Error('no');
  });
  const second = turns.run('a', async () => seen.push('a2'));
  await turns.run('b', async () => seen.push('b'));
  gate.resolve();
  await expect(first).rejects.toThrow('no');
  await second;
  expect(seen).toEqual(['b', 'a1', 'a2']);
});

test('a write is repeated until the disk takes it, and given up when told so', async () => {
  await using temp = await tempDir();
  const dir = join(temp.path, 'later');
  const path = join(dir, 'a');
  const refusals: string[] = [];
  await untilWritten(() => atomicWrite(path, 'x'), {
    signal: AbortSignal.timeout(15_000),
    onRefused: (error) => {
      refusals.push(error.code);
      void ensureFolder(dir);
    },
  });
  expect(refusals).toEqual(['folder_unwritable']);
  const stop = new AbortController();
  const never = untilWritten(() => atomicWrite(join(temp.path, 'never', 'a'), 'x'), {
    signal: stop.signal,
    onRefused: () => stop.abort(new Error('enough')),
  });
  await expect(never).rejects.toThrow();
});
