import { expect, test } from 'vitest';
import { nextBackoff, sleepOrWake, Wake, waitFor, withJitter } from '#core/nats/retry.ts';
import { Tracker } from '#core/nats/tracker.ts';

// The behaviour of seed 002; its tests by the same names.

test('next backoff doubles then caps', () => {
  const seen = [1000];
  for (let i = 0; i < 11; i++) seen.push(nextBackoff(seen.at(-1)!));
  expect(seen.map((ms) => ms / 1000)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
});

test('jitter stays within a quarter either way, and reaches both ends', () => {
  expect(withJitter(10_000, () => 0)).toBe(7500);
  expect(withJitter(10_000, () => 0.999_999)).toBeCloseTo(12_500, 0);
  for (let i = 0; i < 1000; i++) {
    const ms = withJitter(10_000, Math.random);
    expect(ms).toBeGreaterThanOrEqual(7500);
    expect(ms).toBeLessThanOrEqual(12_500);
  }
});

test('a sleeping waiter wakes when the connection comes back', async () => {
  const tracker = new Tracker(() => 0);
  const signal = new AbortController().signal;
  const sleeping = sleepOrWake(3_600_000, tracker.connectedAgain, signal);
  tracker.up();
  await sleeping;
});

test('a sleeping waiter does not wake when the connection is lost', async () => {
  const tracker = new Tracker(() => 0);
  tracker.up();
  const stop = new AbortController();
  let woken = false;
  const sleeping = sleepOrWake(3_600_000, tracker.connectedAgain, stop.signal).then(
    () => (woken = true),
    () => undefined,
  );
  tracker.down();
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(woken).toBe(false);
  stop.abort();
  await sleeping;
  expect(woken).toBe(false);
});

test('waiting goes on through failures and absence until the thing is there, telling each failure', async () => {
  const wake = new Wake();
  const failures: unknown[] = [];
  const answers = [() => Promise.reject(new Error('refused')), async () => undefined, async () => 'there'];
  const found = await waitFor(() => answers.shift()!(), {
    wake,
    connected: () => true,
    random: () => 0.5,
    signal: new AbortController().signal,
    onFailure: (error, wait) => {
      failures.push([(error as Error | undefined)?.message, wait]);
      setImmediate(() => wake.fire());
    },
  });
  expect(found).toBe('there');
  expect(failures).toEqual([
    ['refused', 1000],
    [undefined, 2000],
  ]);
});

test('an aborted wait ends with the reason of the abort', async () => {
  const stop = new AbortController();
  const waiting = waitFor(async () => undefined, { wake: new Wake(), connected: () => true, random: () => 0.5, signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

test('the broker is out of sight for as long as it has been away, and for ever when it never was there', () => {
  let now = 0;
  const tracker = new Tracker(() => now);
  expect(tracker.age()).toBe(Number.POSITIVE_INFINITY);
  tracker.up();
  expect(tracker.age()).toBe(0);
  now = 5000;
  tracker.down();
  now = 12_000;
  expect(tracker.age()).toBe(7000);
  tracker.down();
  expect(tracker.disconnections).toBe(1);
});
