import { expect, test } from 'vitest';
import { Backlog } from '#core/agent/outbox/backlog.ts';
import { Heap } from '#core/agent/outbox/heap.ts';
import type { Item } from '#core/agent/outbox/lane.ts';
import { OUTBOX_KINDS, type OutboxKind, type Place } from '#core/agent/outbox/outbox-store.ts';
import { PACE, retryDelay } from '#core/agent/outbox/pace.ts';

const half = () => 0.5;

function put(backlog: Backlog, kind: OutboxKind, ...names: string[]) {
  for (const name of names) backlog.put(kind, name, `${name}.json`, new Uint8Array(100));
}

function take(backlog: Backlog, now: number): Item[] {
  const taken: Item[] = [];
  for (let item = backlog.next(now); item; item = backlog.next(now)) taken.push(item);
  return taken;
}

const names = (items: Item[]) => items.map((item) => item.name);

test('a heap gives its items in order', () => {
  const heap = new Heap<number>((a, b) => a < b);
  const values = Array.from({ length: 500 }, (_, n) => (n * 7919) % 503);
  for (const value of values) heap.push(value);
  const out: number[] = [];
  for (let value = heap.pop(); value !== undefined; value = heap.pop()) out.push(value);
  expect(out).toEqual(values.toSorted((a, b) => a - b));
  expect(heap.pop()).toBeUndefined();
});

test('an unseen file is due at once', () => {
  const backlog = new Backlog(PACE, half);
  put(backlog, 'results', 'a');
  expect(backlog.nextDue(5)).toBe(5);
  expect(names(take(backlog, 5))).toEqual(['a']);
});

test('one failure delays by one second and not more', () => {
  const backlog = new Backlog(PACE, half);
  put(backlog, 'results', 'a');
  const [item] = take(backlog, 0);
  backlog.lane(item!).failed(item!, 'no', 0);
  expect(take(backlog, 999)).toEqual([]);
  expect(backlog.nextDue(999)).toBe(1000);
  expect(names(take(backlog, 1000))).toEqual(['a']);
});

test('the delay doubles, stops growing at 256 s and never overflows', () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => retryDelay(n, PACE) / 1000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256]);
  expect(retryDelay(5000, PACE)).toBe(256_000);
});

test('it gives up after ten failures, 511 s after the first', () => {
  const backlog = new Backlog(PACE, half);
  put(backlog, 'results', 'a');
  let now = 0;
  for (let failures = 0; ; failures++) {
    now = backlog.nextDue(now);
    const [item] = take(backlog, now);
    const last = backlog.lane(item!).isLastTry(item!);
    backlog.lane(item!).failed(item!, 'no', now);
    if (!last) continue;
    expect(failures).toBe(9);
    expect(now).toBe(511_000);
    break;
  }
  expect(backlog.count()).toEqual({ files: 0, stuck: 1 });
  expect(backlog.isBusy()).toBe(false);
});

test('a stuck message is tried again after an hour or so, and at once when the connection is back', () => {
  const backlog = new Backlog({ ...PACE, giveUpAfter: 1 }, half);
  put(backlog, 'results', 'a');
  let [item] = take(backlog, 0);
  backlog.lane(item!).failed(item!, 'no', 0);
  expect(backlog.nextDue(0)).toBe(3_600_000);
  backlog.hurry();
  [item] = take(backlog, 1);
  expect(item!.name).toBe('a');
});

test('new content clears the history of a message', () => {
  const backlog = new Backlog(PACE, half);
  put(backlog, 'results', 'a');
  const [item] = take(backlog, 0);
  backlog.lane(item!).failed(item!, 'no', 0);
  put(backlog, 'results', 'a');
  expect(item!.failures).toBe(0);
  expect(backlog.count().files).toBe(1);
});

test('events go before results before output before inventory, the oldest first within each', () => {
  const backlog = new Backlog(PACE, half);
  put(backlog, 'inventory', 'i1', 'i2', 'i3');
  put(backlog, 'output', 'o1', 'o2', 'o3');
  put(backlog, 'results', 'r1', 'r2');
  put(backlog, 'events', 'e1', 'e2');
  // Only two of each long kind at once: megabytes on their way would hold up whatever comes next.
  expect(names(take(backlog, 0))).toEqual(['e1', 'e2', 'r1', 'r2', 'o1', 'o2', 'i1', 'i2']);
});

const found = (kind: OutboxKind, place: Place, file: string) => ({ kind, place, file, name: file.replace(/~.*|[.].*/, ''), bytes: 100 });

test('of a section of the inventory only the newest is sent after a restart, of results all that are stuck', () => {
  const backlog = new Backlog(PACE, half);
  const files = OUTBOX_KINDS.flatMap((kind) => [found(kind, 'waiting', 'os.json'), found(kind, 'stuck', 'os.json')]);
  // Of two that are stuck the later one is the newer.
  files.push(found('inventory', 'stuck', 'cpu.json'), found('inventory', 'stuck', 'cpu~2.json'));
  backlog.fill({ files, corrupt: { files: 0, bytes: 0 } }, 0);
  expect(backlog.stuck().map(({ kind, file }) => `${kind}/${file}`)).toEqual([
    'events/os.json',
    'results/os.json',
    'output/os.json',
    'inventory/cpu~2.json',
  ]);
});

test('a message that comes back after a failure goes before younger ones', () => {
  const backlog = new Backlog({ ...PACE, window: 1 }, half);
  put(backlog, 'results', 'a');
  const [item] = take(backlog, 0);
  backlog.lane(item!).failed(item!, 'no', 0);
  put(backlog, 'results', 'b', 'c');
  expect(names(take(backlog, 1000))).toEqual(['a']);
});

test('the window bounds messages and bytes, and a message larger than it still goes alone', () => {
  const backlog = new Backlog({ ...PACE, window: 3, windowBytes: 1000 }, half);
  put(backlog, 'results', 'a', 'b', 'c', 'd');
  const first = take(backlog, 0);
  expect(names(first)).toEqual(['a', 'b', 'c']);
  expect(backlog.nextDue(0)).toBe(Number.POSITIVE_INFINITY);
  for (const item of first) {
    backlog.drop(item);
    backlog.lane(item).done(item);
  }
  backlog.put('events', 'big', 'big.json', new Uint8Array(5000));
  expect(names(take(backlog, 0))).toEqual(['big']);
});

test('while the broker is away nothing counts against a message, and one probes at a time', () => {
  const backlog = new Backlog(PACE, half);
  put(backlog, 'results', 'a', 'b', 'c');
  const out = take(backlog, 0);
  for (const item of out) backlog.lane(item).postponed(item, 0);
  expect(out.map((item) => item.failures)).toEqual([0, 0, 0]);
  expect(take(backlog, PACE.probe - 1)).toEqual([]);
  const probeAt = backlog.nextDue(1);
  const probes = take(backlog, probeAt);
  expect(probes).toHaveLength(1);
  backlog.lane(probes[0]!).stored(probeAt);
  expect(take(backlog, probeAt + PACE.probe)).toHaveLength(2);
});

test('the next probe is another message, so that one that always times out blocks nothing', () => {
  const backlog = new Backlog({ ...PACE, window: 1 }, half);
  put(backlog, 'results', 'bad', 'good');
  const [bad] = take(backlog, 0);
  backlog.lane(bad!).postponed(bad!, 0);
  expect(names(take(backlog, backlog.nextDue(0)))).toEqual(['good']);
});

test('a missing stream holds up its own kind only', () => {
  const backlog = new Backlog(PACE, half);
  put(backlog, 'events', 'e');
  const [item] = take(backlog, 0);
  backlog.lane(item!).postponed(item!, 0);
  put(backlog, 'results', 'r');
  expect(names(take(backlog, 1))).toEqual(['r']);
});

test('a time-out while others get through is the message’s own fault', () => {
  const backlog = new Backlog(PACE, half);
  put(backlog, 'results', 'a');
  const [item] = take(backlog, 0);
  const lane = backlog.lane(item!);
  expect(lane.flowsSince(0, 30_000)).toBe(false);
  lane.stored(29_000);
  expect(lane.flowsSince(0, 30_000)).toBe(true);
  expect(lane.flowsSince(29_500, 30_000)).toBe(false);
  expect(lane.flowsSince(0, 59_000)).toBe(false);
});

test('of what was written the latest 32 small messages are in memory too, and nothing else', () => {
  const backlog = new Backlog({ ...PACE, window: 100 }, half);
  const small = Array.from({ length: 40 }, (_, n) => `s${n}`);
  put(backlog, 'results', ...small);
  backlog.put('results', 'big', 'big.json', new Uint8Array(10_000));
  const kept = take(backlog, 0).filter((item) => item.fresh !== undefined);
  expect(names(kept)).toEqual(small.slice(-32));
});
