import { expect, test } from 'vitest';
import { awakeTime } from '#core/agent/run/awake-time.ts';
import { RUN_TIMINGS } from '#core/agent/run/timings.ts';

/** A clock that goes on by `steps` at each look, the last of them for ever. */
function clock(...steps: number[]): { mono: () => number; looks: () => number } {
  let now = 0;
  let looks = 0;
  return { mono: () => (now += looks++ === 0 ? 0 : steps.length > 1 ? steps.shift()! : steps[0]!), looks: () => looks };
}
const QUICK = { ...RUN_TIMINGS, tickMs: 1 };

test('time counts tick by tick', async () => {
  const { mono, looks } = clock(1000);
  await awakeTime(5000, mono, QUICK, new AbortController().signal);
  expect(looks()).toBe(6);
});

test('a night asleep counts as one tick', async () => {
  const { mono, looks } = clock(1000, 8 * 3_600_000, 1000);
  await awakeTime(5000, mono, QUICK, new AbortController().signal);
  expect(looks()).toBe(5);
});

test('a wait that is aborted is over at once', async () => {
  const controller = new AbortController();
  const waiting = awakeTime(7 * 86_400_000, () => performance.now(), RUN_TIMINGS, controller.signal);
  controller.abort();
  await waiting;
});
