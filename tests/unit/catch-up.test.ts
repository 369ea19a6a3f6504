import { expect, test } from 'vitest';
import { CatchUp, DRAIN_AWAITED } from '#core/agent/intake/catch-up.ts';

/** A CatchUp whose time stands still until it is moved. */
function atTime() {
  const time = { now: 5_000_000 };
  return { time, catchUp: new CatchUp(() => time.now) };
}

/** A drain that is under way until it is told how it ends. */
function underWay(catchUp: CatchUp) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const over = catchUp.by(() => promise);
  return { over, end: resolve, fail: reject };
}

test('nothing is caught up before the connection has come up and a drain has ended', async () => {
  const { time, catchUp } = atTime();
  time.now += 10 * DRAIN_AWAITED;
  expect(catchUp.done).toBe(false);
  catchUp.behind();
  const drain = underWay(catchUp);
  expect(catchUp.done).toBe(false);
  const woken = catchUp.ended.next(new AbortController().signal);
  drain.end();
  await drain.over;
  await woken;
  expect(catchUp.done).toBe(true);
});

test('a drain that is under way is awaited however long it takes', () => {
  const { time, catchUp } = atTime();
  catchUp.behind();
  underWay(catchUp);
  time.now += 10 * DRAIN_AWAITED;
  expect(catchUp.done).toBe(false);
});

test('a drain that does not come about is awaited for a minute', () => {
  const { time, catchUp } = atTime();
  catchUp.behind();
  time.now += DRAIN_AWAITED - 1;
  expect(catchUp.done).toBe(false);
  time.now += 1;
  expect(catchUp.done).toBe(true);
  catchUp.behind();
  expect(catchUp.done).toBe(false);
});

test('a later drain holds things up again until it has ended', async () => {
  const { catchUp } = atTime();
  await catchUp.by(async () => {});
  const later = underWay(catchUp);
  expect(catchUp.done).toBe(false);
  later.end();
  await later.over;
  expect(catchUp.done).toBe(true);
});

test('what is said during a drain takes another one', async () => {
  const { catchUp } = atTime();
  const first = underWay(catchUp);
  catchUp.behind();
  first.end();
  await first.over;
  expect(catchUp.done).toBe(false);
  await catchUp.by(async () => {});
  expect(catchUp.done).toBe(true);
});

test('drains that fail again and again do not prolong the minute', async () => {
  const { time, catchUp } = atTime();
  catchUp.behind();
  for (let tries = 0; tries < 4; tries++) {
    const drain = underWay(catchUp);
    drain.fail(new Error('no answer in time'));
    await expect(drain.over).rejects.toThrow('no answer');
    expect(catchUp.done).toBe(false);
    time.now += DRAIN_AWAITED / 4;
  }
  expect(catchUp.done).toBe(true);
});
