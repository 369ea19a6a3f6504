import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Part, startPart } from '#backend/all-in-one/part.ts';
import { processStart } from '#core/process/process-start.ts';
import { journalled } from '#tests/support/journal.ts';
import { tempDir } from '#tests/support/temp.ts';

const program = join(import.meta.dirname, '../support/part-program.ts');

function start(
  folder: string,
  how: string,
  more: { patience?: number; sayAfter?: number; signal?: AbortSignal; log?: (line: string) => void } = {},
): Promise<Part> {
  return startPart({
    name: 'part',
    program,
    args: [join(folder, 'journal'), how],
    env: process.env,
    outputFile: join(folder, 'output.log'),
    signal: AbortSignal.timeout(60_000),
    log: () => {},
    patience: 20_000,
    ...more,
  });
}

const pidOf = async (folder: string) => Number((await journalled(join(folder, 'journal'), /pid (\d+)/))[1]);

test('a part is there when it says so, and is asked to stop', async () => {
  await using temp = await tempDir();
  const part = await start(temp.path, '');
  expect(part.ready).toEqual({ type: 'ready', url: 'http://127.0.0.1:1' });
  const pid = await pidOf(temp.path);
  await part[Symbol.asyncDispose]();
  expect(await readFile(join(temp.path, 'journal'), 'utf8')).toContain('ended: SIGTERM');
  expect(await processStart(pid)).toBeUndefined();
});

test('a part that does not stop is ended', async () => {
  await using temp = await tempDir();
  const said: string[] = [];
  const part = await start(temp.path, 'stubborn', { patience: 300, log: (line) => said.push(line) });
  const pid = await pidOf(temp.path);
  await part[Symbol.asyncDispose]();
  expect(await processStart(pid)).toBeUndefined();
  expect(said.join()).toContain('the hard way');
});

test('a part that does not start is told with what it said', async () => {
  await using temp = await tempDir();
  await expect(start(temp.path, 'broken')).rejects.toThrow(/exit code 3.*no such thing/s);
  await expect(start(temp.path, 'broken')).rejects.toMatchObject({ code: 'internal' });
  await expect(start(temp.path, 'lost')).rejects.toMatchObject({
    code: 'command_key_lost',
    message: expect.stringContaining('it is gone'),
  });
});

test('what holds up a part that is not ready yet is told, once', async () => {
  await using temp = await tempDir();
  const said: string[] = [];
  await using _part = await start(temp.path, 'held up', { sayAfter: 50, log: (line) => said.push(line) });
  expect(said).toEqual(['the part is not ready yet: certificate_untrusted: no broker yet: another CA']);
});

test('a part that dies is started again', async () => {
  await using temp = await tempDir();
  await using _part = await start(temp.path, '');
  const pid = await pidOf(temp.path);
  process.kill(pid, 'SIGKILL');
  const again = new RegExp(`pid ${pid}\\npid (\\d+)`);
  const [, next] = await journalled(join(temp.path, 'journal'), again);
  expect(Number(next)).not.toBe(pid);
});

test('giving up while it starts leaves nothing', async () => {
  await using temp = await tempDir();
  const controller = new AbortController();
  const starting = start(temp.path, '', { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(starting).rejects.toThrow('enough');
});
