import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Ledger } from '#core/agent/ledger/ledger.ts';
import { LedgerFolder } from '#core/agent/ledger/ledger-store.ts';
import { OutboxFolder } from '#core/agent/outbox/outbox-folder.ts';
import { sweepTemps } from '#core/files/atomic-write.ts';
import { startChild } from '#tests/support/child.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';

/** Different moments of a step, without measuring any: the more is said, the later the kill. */
const MOMENTS = [1, 2, 3, 4, 7, 30, 31, 32, 33];

test('killed between write and rename: the old file is whole, and the half-made one is swept', async () => {
  await using temp = await tempDir();
  await writeFile(join(temp.path, 'file'), 'old');
  await using child = startChild('write-forever.ts', 'stop before the rename', temp.path);
  expect(await child.next()).toBe('written');
  await child.kill();
  expect(await readdir(temp.path)).toHaveLength(2);
  expect(await readFile(join(temp.path, 'file'), 'utf8')).toBe('old');
  await sweepTemps(temp.path);
  expect(await readdir(temp.path)).toEqual(['file']);
});

test('killed at any moment: what was enqueued is there, whole', async () => {
  for (const moment of MOMENTS) {
    await using temp = await tempDir();
    await using child = startChild('write-forever.ts', 'outbox', temp.path);
    for (let n = 0; n < moment; n++) await child.next();
    const enqueued = await child.kill();
    const { files } = await new OutboxFolder(temp.path).scan();
    const names = files.map((file) => file.name);
    for (const name of enqueued) expect(names).toContain(name);
    for (const { file } of files) {
      const text = await readFile(join(temp.path, 'results', file), 'utf8');
      expect(JSON.parse(text)).toMatchObject({ filler: 'x'.repeat(3000) });
    }
    expect(await readdir(join(temp.path, 'results'))).toHaveLength(files.length);
  }
});

test('killed at any moment: each request is at the step it had told, or at the next one, and never before', async () => {
  const order = ['pending', 'launching', 'finished', 'sent'];
  for (const moment of MOMENTS) {
    await using temp = await tempDir();
    await using child = startChild('write-forever.ts', 'ledger', temp.path);
    for (let n = 0; n < moment; n++) await child.next();
    const told = new Map((await child.kill()).map((step) => step.split(' ') as [string, string]));
    const ledger = await Ledger.open({
      store: new LedgerFolder(temp.path),
      clock: () => 9,
      random: () => new Uint8Array(16),
      log: quietLog,
    });
    expect(ledger.problems()).toEqual([]);
    for (const [n, step] of told) {
      const entry = ledger.get(`q${n}`)!;
      const found = entry.resultSent ? 'sent' : entry.state;
      expect([order.indexOf(step), order.indexOf(step) + 1]).toContain(order.indexOf(found));
      if (found === 'pending' || found === 'launching') expect(entry.command).toBe(`{"n":${n}}`);
      if (found === 'finished') {
        const result = await ledger.resultOf(entry.requestId);
        expect(JSON.parse(Buffer.from(result).toString())).toEqual({ result: Number(n) });
      }
    }
    const open = [...ledger.pending(), ...ledger.launched(), ...ledger.finishedUnsent()];
    expect(open.length).toBeLessThanOrEqual(1);
  }
});
