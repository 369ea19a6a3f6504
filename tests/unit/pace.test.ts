import { expect, test } from 'vitest';
import { Pace } from '#backend/agents/pace.ts';

test('so often in so long, for each key by itself', () => {
  let now = 0;
  const pace = new Pace(1000, () => now, { times: 2 });
  expect([pace.may('a'), pace.may('a'), pace.may('a'), pace.may('b')]).toEqual([true, true, false, true]);
  now = 999;
  expect(pace.may('a')).toBe(false);
  now = 1000;
  expect(pace.may('a')).toBe(true);
});

test('of more keys than it may remember it says no, until the others are over', () => {
  let now = 0;
  const pace = new Pace(1000, () => now, { most: 2 });
  expect(['a', 'b', 'c'].map((key) => pace.may(key))).toEqual([true, true, false]);
  now = 1000;
  expect(pace.may('c')).toBe(true);
});

test('a clock that was set back holds nobody up', () => {
  let now = 1_000_000;
  const pace = new Pace(1000, () => now);
  expect(pace.may('a')).toBe(true);
  now = 0;
  expect(pace.may('a')).toBe(true);
});
