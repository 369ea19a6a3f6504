import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Ledger } from '#core/agent/ledger/ledger.ts';
import { LedgerFolder } from '#core/agent/ledger/ledger-store.ts';
import type { Nats } from '#core/nats/connection.ts';
import { purgeStream } from '#core/nats/jetstream.ts';
import { startTestBroker, type TestBroker } from '#tests/support/broker.ts';
import { CountingFolder, makeStreams, openOutbox, result, runOutbox, stored, testNats } from '#tests/support/outbox.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { canMount, smallDisk } from '#tests/support/small-disk.ts';
import { tempDir } from '#tests/support/temp.ts';

let broker: TestBroker;
let nats: Nats;

beforeAll(async () => {
  broker = await startTestBroker();
  nats = await testNats(broker.url);
  await makeStreams(nats);
});
afterAll(async () => {
  await nats.close();
  await broker[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await purgeStream(nats, 'RESULTS', '>');
});

const soon = () => AbortSignal.timeout(60_000);

test('a folder that cannot be used is told, and used by itself as soon as it can be', async () => {
  await using temp = await tempDir();
  const dir = join(temp.path, 'outbox');
  await writeFile(dir, 'a file in its place');
  const outbox = await openOutbox(dir, nats);
  await using _ = runOutbox(outbox, nats);
  expect(outbox.problems()).toMatchObject([{ code: 'folder_unwritable' }]);
  await expect(outbox.enqueue('results', 'a', result('a'))).rejects.toMatchObject({ code: 'folder_unwritable' });
  await rm(dir);
  await mkdir(join(dir, 'results'), { recursive: true });
  await writeFile(join(dir, 'results', 'earlier.json'), result('earlier'));
  await expect.poll(() => outbox.problems(), { timeout: 30_000 }).toEqual([]);
  await outbox.enqueue('results', 'a', result('a'));
  await outbox.empty(soon());
  expect(Object.keys((await stored(nats, 'RESULTS')).subjects).toSorted()).toEqual(['results.x-a.PC1', 'results.x-earlier.PC1']);
});

test.skipIf(!canMount)('a full disk: what waits goes out, new things are refused until there is room again', async () => {
  await using disk = await smallDisk('1m');
  const outbox = await openOutbox(join(disk.path, 'outbox'), nats);
  for (let n = 0; n < 10; n++) await outbox.enqueue('results', `m${n}`, result(`m${n}`));
  await writeFile(join(disk.path, 'filler'), new Uint8Array(2 * 1024 * 1024)).catch(() => {});
  await expect(outbox.enqueue('results', 'late', result('late', 'x'.repeat(20_000)))).rejects.toMatchObject({ code: 'disk_full' });
  expect(outbox.problems()).toMatchObject([{ code: 'disk_full' }]);
  expect(outbox.depth().files).toBe(10);
  {
    await using _ = runOutbox(outbox, nats);
    await outbox.empty(soon());
    expect((await stored(nats, 'RESULTS')).messages).toBe(10);
    expect(await readdir(join(disk.path, 'outbox', 'results'))).toEqual([]);
    await rm(join(disk.path, 'filler'));
    await expect.poll(() => outbox.problems(), { timeout: 30_000 }).toEqual([]);
    await outbox.enqueue('results', 'late', result('late', 'x'.repeat(20_000)));
    await outbox.empty(soon());
  }
  expect((await stored(nats, 'RESULTS')).messages).toBe(11);
});

test.skipIf(!canMount)('a read-only folder: each message is stored once, and the files go when they can', async () => {
  await using disk = await smallDisk('1m');
  const dir = join(disk.path, 'outbox');
  const store = new CountingFolder(dir);
  const earlier = await openOutbox(dir, nats);
  for (let n = 0; n < 10; n++) await earlier.enqueue('results', `m${n}`, result(`m${n}`));
  const outbox = await openOutbox(dir, nats, { store });
  disk.setReadOnly(true);
  await using _ = runOutbox(outbox, nats);
  await outbox.empty(soon());
  await expect.poll(() => outbox.problems().map((problem) => problem.code), { timeout: 30_000 }).toEqual(['folder_unwritable']);
  await expect(outbox.enqueue('results', 'late', result('late'))).rejects.toMatchObject({ code: 'folder_unwritable' });
  expect(outbox.depth()).toMatchObject({ files: 0, stuck: 0 });
  expect(await readdir(join(dir, 'results'))).toHaveLength(10);
  disk.setReadOnly(false);
  await expect.poll(() => readdir(join(dir, 'results')), { timeout: 30_000 }).toEqual([]);
  await expect.poll(() => outbox.problems(), { timeout: 30_000 }).toEqual([]);
  expect((await stored(nats, 'RESULTS')).messages).toBe(10);
  expect([...store.reads.values()]).toEqual(Array.from({ length: 10 }, () => 1));
});

test.skipIf(!canMount)('an outbox on a disk that is read-only from the start still sends what is there', async () => {
  await using disk = await smallDisk('1m');
  const dir = join(disk.path, 'outbox');
  await (await openOutbox(dir, nats)).enqueue('results', 'a', result('a'));
  disk.setReadOnly(true);
  const outbox = await openOutbox(dir, nats);
  await using _ = runOutbox(outbox, nats);
  await outbox.empty(soon());
  expect((await stored(nats, 'RESULTS')).messages).toBe(1);
});

test.skipIf(!canMount)('a ledger on a full disk takes nothing new, keeps what it has, and goes on when there is room', async () => {
  await using disk = await smallDisk('1m');
  const open = () =>
    Ledger.open({ store: new LedgerFolder(join(disk.path, 'ledger')), clock: () => 1, random: () => new Uint8Array(16), log: quietLog });
  const command = (requestId: string) => ({
    requestId,
    execId: 'x',
    subject: 'commands.all.x',
    expiresAt: 0,
    bytes: new Uint8Array(20_000).fill(97),
  });
  const ledger = await open();
  await ledger.admit(command('a'));
  await writeFile(join(disk.path, 'filler'), new Uint8Array(2 * 1024 * 1024)).catch(() => {});
  await expect(ledger.admit(command('b'))).rejects.toMatchObject({ code: 'disk_full' });
  expect(ledger.problems()).toMatchObject([{ code: 'disk_full' }]);
  expect((await open()).pending().map((entry) => entry.requestId)).toEqual(['a']);
  await rm(join(disk.path, 'filler'));
  expect(await ledger.admit(command('b'))).toBe('admitted');
  disk.setReadOnly(true);
  await expect(ledger.admit(command('c'))).rejects.toMatchObject({ code: 'folder_unwritable' });
  expect((await open()).pending()).toHaveLength(2);
});
