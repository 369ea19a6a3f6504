import { setTimeout } from 'node:timers/promises';
import type { RunTimings } from './timings.ts';

/**
 * Resolves after `ms` of time awake. `mono` (milliseconds) goes on counting while some PCs sleep, so it is read in
 * ticks, and of one that took much longer than it should only a part is counted. An aborted wait resolves at once.
 */
export async function awakeTime(ms: number, mono: () => number, timings: RunTimings, signal: AbortSignal): Promise<void> {
  let left = ms;
  let before = mono();
  while (left > 0 && !signal.aborted) {
    await setTimeout(Math.min(timings.tickMs, left), undefined, { signal }).catch(() => undefined);
    const now = mono();
    left -= Math.min(now - before, timings.tickCapMs);
    before = now;
  }
}
