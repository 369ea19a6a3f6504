import { expect, test } from 'vitest';
import { Downloads } from '#backend/releases/downloads.ts';

const LIMITS = { all: 3, perAddress: 2, patience: 3_600_000, slow: 1000, grace: 30_000 };
const BUSY = expect.objectContaining({ code: 'downloads_busy' });

function places() {
  const clock = { now: 0 };
  return { clock, downloads: new Downloads(() => clock.now, LIMITS) };
}

/** As many as there may be, which have had so many bytes each in 40 seconds. */
function full(bytes: readonly number[]) {
  const { clock, downloads } = places();
  const open = bytes.map((count, n) => {
    const download = downloads.enter(`10.0.0.${n}`);
    download.sent(count);
    return download;
  });
  clock.now = 40_000;
  return { clock, downloads, cut: () => open.map(({ signal }) => signal.aborted), open };
}

test('a place that is left goes to the next, and is left once however often that is said', () => {
  const { downloads, open } = full([1e6, 1e6, 1e6]);
  expect(() => downloads.enter('10.0.0.9')).toThrow(BUSY);
  open[0]!.leave();
  open[0]!.leave();
  expect(downloads.open).toBe(2);
  downloads.enter('10.0.0.9');
  expect(() => downloads.enter('10.0.0.9')).toThrow(BUSY);
});

test('the slowest is cut when no place is free, and only one for each who comes', () => {
  const { downloads, cut } = full([30_000, 20_000, 1e6]);
  downloads.enter('10.0.0.9');
  expect(cut()).toEqual([false, true, false]);
  downloads.enter('10.0.0.9');
  expect(cut()).toEqual([true, true, false]);
  expect(downloads.open).toBe(3);
  expect(() => downloads.enter('10.0.0.8')).toThrow(BUSY);
});

test('nobody is cut who is fast enough, has only begun, waits for us, or while there is room', () => {
  const fast = full([40_000, 40_000, 40_000]);
  expect(() => fast.downloads.enter('10.0.0.9')).toThrow(BUSY);
  const young = full([0, 0, 0]);
  young.clock.now = 30_000;
  expect(() => young.downloads.enter('10.0.0.9')).toThrow(BUSY);

  const { clock, downloads } = places();
  const waiting = [1, 2, 3].map((n) => downloads.enter(`10.0.0.${n}`));
  clock.now = 1e6;
  expect(() => downloads.enter('10.0.0.9')).toThrow(BUSY);
  expect(waiting.some(({ signal }) => signal.aborted)).toBe(false);

  const room = full([0, 0]);
  room.downloads.enter('10.0.0.9');
  expect(room.cut()).toEqual([false, false]);
});

test('an address that has its share cuts nobody, of its own neither', () => {
  const { clock, downloads } = places();
  const own = [1, 2].map(() => downloads.enter('10.0.0.1'));
  const other = downloads.enter('10.0.0.2');
  for (const one of [...own, other]) one.sent(1);
  clock.now = 40_000;
  expect(() => downloads.enter('10.0.0.1')).toThrow(BUSY);
  expect([...own, other].some(({ signal }) => signal.aborted)).toBe(false);
});
