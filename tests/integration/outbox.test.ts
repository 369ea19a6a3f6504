import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { OUTBOX_KINDS } from '#core/agent/outbox/outbox-store.ts';
import type { Nats } from '#core/nats/connection.ts';
import { api, lastMessage, updateStream } from '#core/nats/jetstream.ts';
import { startTestBroker, type TestBroker } from '#tests/support/broker.ts';
import {
  CountingFolder,
  makeStreams,
  openOutbox,
  QUICK,
  result,
  runOutbox,
  section,
  started,
  stored,
  testNats,
} from '#tests/support/outbox.ts';
import { tempDir } from '#tests/support/temp.ts';

let broker: TestBroker;
let nats: Nats;

beforeAll(async () => {
  broker = await startTestBroker({ syncInterval: '1m' });
  nats = await testNats(broker.url);
});
afterAll(async () => {
  await nats.close();
  await broker[Symbol.asyncDispose]();
});
beforeEach(async () => {
  const { streams } = await api<{ streams: string[] | null }>(nats, 'STREAM.NAMES');
  for (const stream of streams ?? []) await api(nats, `STREAM.DELETE.${stream}`);
  await makeStreams(nats);
});

const soon = () => AbortSignal.timeout(60_000);

test('each message arrives on its subject byte for byte, and its file goes', async () => {
  await using temp = await tempDir();
  const outbox = await openOutbox(temp.path, nats);
  await outbox.enqueue('events', 'a', started('a'));
  await outbox.enqueue('results', 'a', result('a', 'höw'));
  await outbox.enqueue('output', 'a.stdout.0', new Uint8Array([0, 255, 10]));
  expect(await readFile(join(temp.path, 'events', 'a.json'))).toEqual(Buffer.from(started('a')));
  expect(outbox.depth()).toMatchObject({ files: 3, stuck: 0, corrupt: 0 });
  await using _ = runOutbox(outbox, nats);
  await outbox.empty(soon());
  expect(Buffer.from((await lastMessage(nats, 'EVENTS', 'events.started.x-a.PC1'))!.data)).toEqual(Buffer.from(started('a')));
  expect(Buffer.from((await lastMessage(nats, 'RESULTS', 'results.x-a.PC1'))!.data)).toEqual(Buffer.from(result('a', 'höw')));
  expect([...(await lastMessage(nats, 'OUTPUT', 'output.PC1.a.stdout.0'))!.data]).toEqual([0, 255, 10]);
  for (const kind of OUTBOX_KINDS) expect(await readdir(join(temp.path, kind))).toEqual([]);
  expect(outbox.depth()).toEqual({ files: 0, bytes: 0, stuck: 0, corrupt: 0 });
});

test('the same name again replaces what waits', async () => {
  await using temp = await tempDir();
  const outbox = await openOutbox(temp.path, nats);
  await outbox.enqueue('results', 'a', result('a', 'first'));
  await outbox.enqueue('results', 'a', result('a', 'second'));
  expect(outbox.depth()).toMatchObject({ files: 1, bytes: result('a', 'second').length });
  await using _ = runOutbox(outbox, nats);
  await outbox.empty(soon());
  expect((await stored(nats, 'RESULTS')).messages).toBe(1);
});

test('what is written anew while its old content is on its way is sent too', async () => {
  await using temp = await tempDir();
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const outbox = await openOutbox(temp.path, nats, {
    publish: async (subject, bytes) => {
      begun.resolve();
      await gate.promise;
      await nats.publishStored(subject, bytes);
    },
  });
  await outbox.enqueue('results', 'a', result('a', 'first'));
  await using _ = runOutbox(outbox, nats);
  await begun.promise;
  await outbox.enqueue('results', 'a', result('a', 'second'));
  gate.resolve();
  await outbox.empty(soon());
  expect((await stored(nats, 'RESULTS')).messages).toBe(2);
  expect(Buffer.from((await lastMessage(nats, 'RESULTS', 'results.x-a.PC1'))!.data)).toEqual(Buffer.from(result('a', 'second')));
  expect(outbox.depth().bytes).toBe(0);
});

test('after a restart the oldest files go first', async () => {
  await using temp = await tempDir();
  await mkdir(join(temp.path, 'results'));
  for (const [name, age] of [
    ['young', 1],
    ['old', 100],
    ['middle', 50],
  ] as const) {
    const path = join(temp.path, 'results', `${name}.json`);
    await writeFile(path, result(name));
    await utimes(path, 1e9 - age, 1e9 - age);
  }
  const order: string[] = [];
  const outbox = await openOutbox(temp.path, nats, { pace: { ...QUICK, window: 1 }, publish: async (subject) => void order.push(subject) });
  await using _ = runOutbox(outbox, nats);
  await outbox.empty(soon());
  expect(order).toEqual(['results.x-old.PC1', 'results.x-middle.PC1', 'results.x-young.PC1']);
});

test('the broker is away the whole time and comes back: everything arrives, nothing was held against it', async () => {
  await using temp = await tempDir();
  const store = new CountingFolder(temp.path);
  const outbox = await openOutbox(temp.path, nats, { store, pace: { ...QUICK, probe: 60_000 } });
  await using _ = runOutbox(outbox, nats);
  await broker.kill();
  for (let n = 0; n < 300; n++) await outbox.enqueue(n % 2 ? 'events' : 'results', `m${n}`, n % 2 ? started(`m${n}`) : result(`m${n}`));
  expect(outbox.depth()).toMatchObject({ files: 300, stuck: 0, corrupt: 0 });
  expect(outbox.problems()).toEqual([]);
  await broker.restart();
  await outbox.empty(soon());
  expect(Object.keys((await stored(nats, 'EVENTS')).subjects)).toHaveLength(150);
  expect(Object.keys((await stored(nats, 'RESULTS')).subjects)).toHaveLength(150);
});

test('while the broker is away files are not read again and again', async () => {
  await using temp = await tempDir();
  await mkdir(join(temp.path, 'results'));
  for (let n = 0; n < 500; n++) await writeFile(join(temp.path, 'results', `m${n}.json`), result(`m${n}`));
  const store = new CountingFolder(temp.path);
  await broker.kill();
  const probes: number[] = [];
  const outbox = await openOutbox(temp.path, nats, {
    store,
    publish: async (subject, bytes, timeout) => {
      probes.push(performance.now());
      await nats.publishStored(subject, bytes, { timeout });
    },
  });
  await using _ = runOutbox(outbox, nats);
  await expect.poll(() => probes.length, { timeout: 30_000 }).toBeGreaterThan(QUICK.window + 3);
  const reads = [...store.reads.values()].reduce((sum, n) => sum + n, 0);
  // Each attempt reads its one file, a few just now; after the first window there is one attempt a probe interval.
  expect(reads).toBeLessThanOrEqual(probes.length + QUICK.window);
  expect(probes.length).toBeLessThan(QUICK.window + 100);
  await broker.restart();
  await outbox.empty(soon());
  expect((await stored(nats, 'RESULTS')).messages).toBeGreaterThanOrEqual(500);
});

test('one unreadable, one unsendable and 10,000 good files: the good ones go out, the others are kept and told', async () => {
  await using temp = await tempDir();
  const folder = join(temp.path, 'results');
  await mkdir(folder);
  await writeFile(join(folder, 'a-bad.json'), '{"torn');
  await writeFile(join(folder, 'a-big.json'), result('a-big', 'x'.repeat(2 * 1024 * 1024)));
  for (let n = 0; n < 10_000; n++) await writeFile(join(folder, `m${n}.json`), result(`m${n}`));
  for (const name of ['a-bad', 'a-big']) await utimes(join(folder, `${name}.json`), 1, 1);
  const store = new CountingFolder(temp.path);
  const outbox = await openOutbox(temp.path, nats, { store });
  expect(outbox.depth().files).toBe(10_002);
  await using _ = runOutbox(outbox, nats);
  await outbox.empty(soon());
  expect(Object.keys((await stored(nats, 'RESULTS')).subjects)).toHaveLength(10_000);
  expect(outbox.depth()).toMatchObject({ files: 0, stuck: 1, corrupt: 1 });
  expect(await readFile(join(folder, 'corrupt', 'a-bad.json'), 'utf8')).toBe('{"torn');
  expect(await readdir(join(folder, 'stuck'))).toEqual(['a-big.json']);
  expect(store.reads.get('a-bad.json')).toBe(1);
  expect(store.reads.get('a-big.json')).toBe(10);
  expect(outbox.problems().map((problem) => problem.code)).toEqual(['outbox_stuck', 'outbox_corrupt']);
});

test('what a stream refuses is put aside after ten tries, kept over a restart, and sent at the next reconnect', async () => {
  await using temp = await tempDir();
  const full = { name: 'RESULTS', subjects: ['results.>'], storage: 'file', discard: 'new' };
  await updateStream(nats, { ...full, ...{ max_msgs: 1 } } as never);
  const outbox = await openOutbox(temp.path, nats);
  await outbox.enqueue('results', 'first', result('first'));
  {
    await using _ = runOutbox(outbox, nats);
    await outbox.empty(soon());
    await outbox.enqueue('results', 'a', result('a', 'one'));
    await expect.poll(() => outbox.depth().stuck, { timeout: 30_000 }).toBe(1);
    expect(outbox.problems()).toMatchObject([{ code: 'outbox_stuck' }]);
    // The same name once more must not overwrite the one that is stuck.
    await outbox.enqueue('results', 'a', result('a', 'two'));
    await expect.poll(() => outbox.depth().stuck, { timeout: 30_000 }).toBe(2);
    await outbox.empty(soon());
  }
  expect((await readdir(join(temp.path, 'results', 'stuck'))).toSorted()).toEqual(['a.json', 'a~2.json']);

  const again = await openOutbox(temp.path, nats);
  expect(again.depth()).toMatchObject({ files: 0, stuck: 2 });
  await using _ = runOutbox(again, nats);
  await updateStream(nats, { ...full, ...{ max_msgs: -1 } } as never);
  again.reconnected();
  await expect.poll(() => again.depth().stuck, { timeout: 30_000 }).toBe(0);
  expect((await stored(nats, 'RESULTS')).subjects['results.x-a.PC1']).toBe(2);
  expect(await readdir(join(temp.path, 'results', 'stuck'))).toEqual([]);
});

test('a section of the inventory that is stuck is sent later, but not once it has been said what the section is now', async () => {
  await using temp = await tempDir();
  await updateStream(nats, {
    name: 'INVENTORY',
    subjects: ['inventory.>'],
    storage: 'file',
    discard: 'new',
    ...{ max_msg_size: 10 },
  } as never);
  const outbox = await openOutbox(temp.path, nats);
  await using _ = runOutbox(outbox, nats);
  for (const name of ['os', 'cpu']) await outbox.enqueue('inventory', name, section(name, { was: 1 }));
  await expect.poll(() => outbox.depth().stuck, { timeout: 30_000 }).toBe(2);
  await updateStream(nats, {
    name: 'INVENTORY',
    subjects: ['inventory.>'],
    storage: 'file',
    discard: 'new',
    ...{ max_msg_size: -1 },
  } as never);
  await outbox.enqueue('inventory', 'os', section('os', { is: 2 }));
  outbox.reconnected();
  await expect.poll(() => outbox.depth(), { timeout: 30_000 }).toEqual({ files: 0, bytes: 0, stuck: 0, corrupt: 0 });
  expect((await stored(nats, 'INVENTORY')).subjects).toEqual({ 'inventory.PC1.os': 1, 'inventory.PC1.cpu': 1 });
  expect(Buffer.from((await lastMessage(nats, 'INVENTORY', 'inventory.PC1.os'))!.data)).toEqual(Buffer.from(section('os', { is: 2 })));
  for (const place of ['.', 'stuck'])
    expect((await readdir(join(temp.path, 'inventory', place))).filter((name) => name !== 'stuck')).toEqual([]);
});

test('a stream that is missing holds up its own kind only, and what waited goes when it is back', async () => {
  await using temp = await tempDir();
  await api(nats, 'STREAM.DELETE.EVENTS');
  const outbox = await openOutbox(temp.path, nats);
  await using _ = runOutbox(outbox, nats);
  for (let n = 0; n < 20; n++) await outbox.enqueue('events', `e${n}`, started(`e${n}`));
  await outbox.enqueue('results', 'r', result('r'));
  await expect.poll(async () => (await stored(nats, 'RESULTS')).messages, { timeout: 30_000 }).toBe(1);
  expect(outbox.depth()).toMatchObject({ files: 20, stuck: 0 });
  await api(nats, 'STREAM.CREATE.EVENTS', { name: 'EVENTS', subjects: ['events.>'] });
  await outbox.empty(soon());
  expect(Object.keys((await stored(nats, 'EVENTS')).subjects)).toHaveLength(20);
});

test('acks that a broken connection swallowed do not hold up the new one', async () => {
  await using temp = await tempDir();
  let swallow = true;
  const outbox = await openOutbox(temp.path, nats, {
    publish: async (subject, bytes) => {
      if (swallow) await new Promise(() => {});
      await nats.publishStored(subject, bytes);
    },
  });
  for (let n = 0; n < 40; n++) await outbox.enqueue('results', `m${n}`, result(`m${n}`));
  await using _ = runOutbox(outbox, nats);
  swallow = false;
  outbox.reconnected();
  await outbox.empty(soon());
  expect((await stored(nats, 'RESULTS')).messages).toBe(40);
});

test('over its cap output and inventory are refused, events and results are taken, and it says that it is full', async () => {
  await using temp = await tempDir();
  let limit = 1000;
  const outbox = await openOutbox(temp.path, nats, { maxBytes: () => limit });
  await outbox.enqueue('output', 'a.stdout.0', new Uint8Array(800));
  await expect(outbox.enqueue('output', 'a.stdout.1', new Uint8Array(800))).rejects.toMatchObject({ code: 'outbox_full' });
  expect(outbox.isFull()).toBe(false);
  await expect(outbox.enqueue('inventory', 'os', section('os', 'x'.repeat(800)))).rejects.toMatchObject({ code: 'outbox_full' });
  await outbox.enqueue('results', 'a', result('a'));
  await outbox.enqueue('events', 'a', started('a'));
  expect(outbox.isFull()).toBe(true);
  expect(outbox.problems()).toMatchObject([{ code: 'outbox_full' }]);
  limit = 100_000;
  expect(outbox.isFull()).toBe(false);
  limit = 1000;
  await using _ = runOutbox(outbox, nats);
  await outbox.empty(soon());
  expect(outbox.isFull()).toBe(false);
  await outbox.enqueue('output', 'a.stdout.1', new Uint8Array(800));
  await outbox.empty(soon());
});

test('stopping does not wait for acks, and what was not acked stays', async () => {
  await using temp = await tempDir();
  const begun = Promise.withResolvers<void>();
  const outbox = await openOutbox(temp.path, nats, {
    publish: () => {
      begun.resolve();
      return new Promise(() => {});
    },
  });
  await outbox.enqueue('results', 'a', result('a'));
  const stop = new AbortController();
  const running = outbox.run(stop.signal);
  await begun.promise;
  stop.abort();
  await running;
  await expect(outbox.empty(AbortSignal.abort(new Error('no time')))).rejects.toThrow('no time');
  expect(await readdir(join(temp.path, 'results'))).toEqual(['a.json']);
});

test('a file that someone else removed is forgotten', async () => {
  await using temp = await tempDir();
  await (await openOutbox(temp.path, nats)).enqueue('results', 'a', result('a'));
  const outbox = await openOutbox(temp.path, nats);
  await rm(temp.path, { recursive: true });
  await using _ = runOutbox(outbox, nats);
  await outbox.empty(soon());
  expect(outbox.depth()).toMatchObject({ files: 0, bytes: 0 });
  await outbox.enqueue('results', 'b', result('b'));
  await outbox.empty(soon());
  expect((await stored(nats, 'RESULTS')).messages).toBe(1);
});
