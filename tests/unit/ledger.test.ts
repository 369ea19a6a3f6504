import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Ledger, type LedgerOptions } from '#core/agent/ledger/ledger.ts';
import { ledgerKey } from '#core/agent/ledger/ledger-entry.ts';
import { LedgerFolder } from '#core/agent/ledger/ledger-store.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';

const DAY = 86_400_000;
const utf8 = (text: string) => new TextEncoder().encode(text);

function open(dir: string, more: Partial<LedgerOptions> = {}): Promise<Ledger> {
  return Ledger.open({ store: new LedgerFolder(dir), clock: () => 1000, random: randomBytes, log: quietLog, ...more });
}

function command(requestId: string, text = `command of ${requestId}`) {
  return { requestId, execId: 'x1', subject: 'commands.all.x1', expiresAt: 9000, bytes: utf8(text) };
}

async function finish(ledger: Ledger, requestId: string, finishedAt = 3000) {
  await ledger.launching(requestId, { resultId: `r-${requestId}`, startedAt: 2000 });
  await ledger.finished(requestId, { resultId: `r-${requestId}`, finishedAt, outcome: 'succeeded', result: utf8('{"ok":"ü"}') });
}

test('the first admission is admitted, the same bytes again are a duplicate, other bytes a conflict', async () => {
  await using temp = await tempDir();
  const ledger = await open(temp.path);
  expect(await ledger.admit(command('a'))).toBe('admitted');
  expect(await ledger.admit(command('a'))).toBe('duplicate');
  expect(await ledger.admit(command('a', 'other'))).toBe('conflict');
  expect(await ledger.admit(command('b'))).toBe('admitted');
});

test('of any number of admissions at once exactly one is admitted', async () => {
  await using temp = await tempDir();
  const ledger = await open(temp.path);
  const answers = await Promise.all(Array.from({ length: 50 }, () => ledger.admit(command('a'))));
  expect(answers.filter((answer) => answer === 'admitted')).toHaveLength(1);
  expect(answers.filter((answer) => answer === 'duplicate')).toHaveLength(49);
});

test('a restart finds every state as it was, in admission order', async () => {
  await using temp = await tempDir();
  const first = await open(temp.path);
  for (const id of ['d', 'b', 'c', 'a', 'e']) await first.admit(command(id));
  await first.launching('b', { resultId: 'r-b', startedAt: 2000 });
  await finish(first, 'c');
  await finish(first, 'e');
  await first.sent('e');

  const second = await open(temp.path);
  expect(second.ledgerId).toBe(first.ledgerId);
  expect(second.pending().map((entry) => entry.requestId)).toEqual(['d', 'a']);
  expect(second.pending()[0]).toEqual(first.get('d'));
  expect(second.launched()).toMatchObject([{ requestId: 'b', command: 'command of b' }]);
  expect(second.finishedUnsent()).toMatchObject([{ requestId: 'c', outcome: 'succeeded', resultId: 'r-c' }]);
  expect(Buffer.from(await second.resultOf('c')).toString()).toBe('{"ok":"ü"}');
  expect(await second.admit(command('e'))).toBe('duplicate');
  await second.admit(command('f'));
  expect(second.pending().map((entry) => entry.requestId)).toEqual(['d', 'a', 'f']);
});

test('a sent request keeps neither its command nor its result', async () => {
  await using temp = await tempDir();
  const ledger = await open(temp.path);
  await ledger.admit(command('a'));
  await finish(ledger, 'a');
  await ledger.sent('a');
  const text = await readFile(join(temp.path, `${ledgerKey('a')}.json`), 'utf8');
  expect(text).not.toContain('command of');
  expect(text).not.toContain('ok');
  await expect(ledger.resultOf('a')).rejects.toMatchObject({ code: 'ledger_corrupt' });
});

test('nothing is launched twice or finished twice, not even by mistake', async () => {
  await using temp = await tempDir();
  const ledger = await open(temp.path);
  await ledger.admit(command('a'));
  const launches = await Promise.allSettled([1, 2].map((n) => ledger.launching('a', { resultId: 'r', startedAt: n })));
  expect(launches.map((launch) => launch.status)).toEqual(['fulfilled', 'rejected']);
  await expect(finish(ledger, 'a')).rejects.toMatchObject({ code: 'internal' });
  await expect(ledger.sent('a')).rejects.toMatchObject({ code: 'internal' });
  await expect(ledger.launching('unknown', { resultId: 'r', startedAt: 1 })).rejects.toMatchObject({ code: 'internal' });
});

test('a command that never ran is finished from pending', async () => {
  await using temp = await tempDir();
  const ledger = await open(temp.path);
  await ledger.admit(command('a'));
  await ledger.finished('a', { resultId: 'r', finishedAt: 1, outcome: 'skipped', result: utf8('{}') });
  expect((await open(temp.path)).finishedUnsent()).toMatchObject([{ outcome: 'skipped' }]);
});

test('the exact bytes come back, a byte order mark included, and what is not UTF-8 is refused', async () => {
  await using temp = await tempDir();
  await (await open(temp.path)).admit({ ...command('a'), bytes: utf8('\uFEFF{"é":"\\u0000"}') });
  expect((await open(temp.path)).pending()[0]!.command).toBe('\uFEFF{"é":"\\u0000"}');
  const bad = { ...command('b'), bytes: new Uint8Array([0xff]) };
  await expect((await open(temp.path)).admit(bad)).rejects.toMatchObject({ code: 'bad_message' });
});

test('an unreadable record keeps its request taken, over restarts too, and is kept and told', async () => {
  await using temp = await tempDir();
  const first = await open(temp.path);
  for (const id of ['torn', 'altered', 'moved', 'good']) await first.admit(command(id));
  const path = (id: string) => join(temp.path, `${ledgerKey(id)}.json`);
  await truncate(path('torn'), 20);
  await writeFile(path('altered'), (await readFile(path('altered'), 'utf8')).replace('command of', 'Command of'));
  await writeFile(path('moved'), await readFile(path('good')));
  for (let restart = 0; restart < 2; restart++) {
    const ledger = await open(temp.path);
    expect(ledger.pending().map((entry) => entry.requestId)).toEqual(['good']);
    for (const id of ['torn', 'altered', 'moved']) expect(await ledger.admit(command(id))).toBe('unreadable');
    expect(ledger.problems()).toMatchObject([{ code: 'ledger_corrupt' }]);
    expect(await readdir(join(temp.path, 'corrupt'))).toHaveLength(3);
  }
});

test('a full ledger refuses what is new, says so, and forgets nothing', async () => {
  await using temp = await tempDir();
  const ledger = await open(temp.path, { maxRecords: 2 });
  await ledger.admit(command('a'));
  await ledger.admit(command('b'));
  await expect(ledger.admit(command('c'))).rejects.toMatchObject({ code: 'ledger_full' });
  expect(ledger.problems()).toMatchObject([{ code: 'ledger_full' }]);
  expect(await ledger.admit(command('a'))).toBe('duplicate');
  await finish(ledger, 'a');
  await ledger.sent('a');
  await expect(ledger.admit(command('c'))).rejects.toMatchObject({ code: 'ledger_full' });
  await ledger.prune(3000 + 8 * DAY + 1);
  expect(await ledger.admit(command('c'))).toBe('admitted');
  expect(ledger.problems()).toEqual([]);

  const small = await open(join(temp.path, 'small'), { maxBytes: 1000 });
  await expect(small.admit(command('big', 'x'.repeat(1000)))).rejects.toMatchObject({ code: 'ledger_full' });
  expect(await small.admit(command('small'))).toBe('admitted');
});

test('tombstones go 8 days after the finish, nothing else does, and a clock that went back removes nothing', async () => {
  await using temp = await tempDir();
  const ledger = await open(temp.path);
  for (const id of ['done', 'unsent', 'pending']) await ledger.admit(command(id));
  await finish(ledger, 'done', 100 * DAY);
  await ledger.sent('done');
  await finish(ledger, 'unsent', 100 * DAY);
  for (const now of [0, -50 * DAY, 100 * DAY, 108 * DAY]) await ledger.prune(now);
  expect(ledger.get('done')).toBeDefined();
  await ledger.prune(108 * DAY + 1);
  expect(ledger.get('done')).toBeUndefined();
  await ledger.prune(1000 * DAY);
  const again = await open(temp.path);
  expect(again.get('done')).toBeUndefined();
  expect(again.finishedUnsent()).toHaveLength(1);
  expect(again.pending()).toHaveLength(1);
});

test('the floor follows what it is told, down as well, and is saved now and then and at the end', async () => {
  await using temp = await tempDir();
  let now = 0;
  const first = await open(temp.path, { clock: () => now });
  expect(first.floor()).toBeUndefined();
  await first.setFloor('e1', 5);
  await first.setFloor('e1', 3);
  expect(first.floor()).toEqual({ epoch: 'e1', seq: 3 });
  expect((await open(temp.path)).floor()).toBeUndefined();
  now = 60_000;
  await first.setFloor('e1', 9);
  expect((await open(temp.path)).floor()).toEqual({ epoch: 'e1', seq: 9 });
  await first.setFloor('e2', 1);
  await first[Symbol.asyncDispose]();
  expect((await open(temp.path)).floor()).toEqual({ epoch: 'e2', seq: 1 });
  await writeFile(join(temp.path, 'floor.json'), '{');
  expect((await open(temp.path)).floor()).toBeUndefined();
});

test('another folder, or one whose identity is lost, is another ledger', async () => {
  await using temp = await tempDir();
  const first = await open(join(temp.path, 'a'));
  expect(first.ledgerId).toMatch(/^[0-9a-f]{32}$/);
  expect((await open(join(temp.path, 'b'))).ledgerId).not.toBe(first.ledgerId);
  await writeFile(join(temp.path, 'a', 'identity.json'), '');
  expect((await open(join(temp.path, 'a'))).ledgerId).not.toBe(first.ledgerId);
});

test('a folder that cannot be written takes nothing, says so, and takes again when it can', async () => {
  await using temp = await tempDir();
  const dir = join(temp.path, 'ledger');
  const ledger = await open(dir);
  await rm(dir, { recursive: true });
  await writeFile(dir, 'a file in its place');
  await expect(ledger.admit(command('a'))).rejects.toMatchObject({ code: 'folder_unwritable' });
  expect(ledger.problems()).toMatchObject([{ code: 'folder_unwritable' }]);
  expect(ledger.pending()).toEqual([]);
  // A floor that cannot be saved costs a redelivery and is no reason to fail.
  await ledger.setFloor('e1', 5);
  await ledger[Symbol.asyncDispose]();
  await rm(dir);
  expect(await ledger.admit(command('a'))).toBe('admitted');
  expect(ledger.problems()).toEqual([]);
});

test('any request id makes a safe file name', async () => {
  await using temp = await tempDir();
  const ledger = await open(temp.path);
  const ids = ['../../etc/passwd', 'CON', 'a\0b', 'ü'.repeat(128), '.'];
  for (const id of ids) expect(await ledger.admit(command(id))).toBe('admitted');
  expect((await open(temp.path)).pending().map((entry) => entry.requestId)).toEqual(ids);
});

test('the newest fire of a schedule is known over a restart, also when what was fired is long over', async () => {
  await using temp = await tempDir();
  const first = await open(temp.path);
  const fired = (id: string, nominalAt: number) => ({ ...command(id), fire: { scheduleId: 'nightly', nominalAt } });
  await first.admit(fired('a', 5000));
  await first.admit(fired('b', 4000));
  await first.admit(command('by hand'));
  await finish(first, 'a');
  await first.sent('a');
  for (const ledger of [first, await open(temp.path)]) {
    expect(ledger.newestFire('nightly', 9000)).toBe(5000);
    expect(ledger.newestFire('other', 9000)).toBeUndefined();
  }
});
