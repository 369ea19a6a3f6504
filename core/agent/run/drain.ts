import { setTimeout } from 'node:timers/promises';
import type { RunTimings } from './timings.ts';

/**
 * Resolves when `closed` does or nothing more is to be expected: a process that the script left behind may hold its
 * pipes for days. `total` counts the bytes read so far.
 */
export async function drain(closed: Promise<unknown>, total: () => number, timings: RunTimings, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const finished = closed.then(() => over.abort());
  const wait = AbortSignal.any([over.signal, signal]);
  const step = timings.quietMs / 4;
  let silent = 0;
  for (let waited = 0; waited < timings.drainMs && silent < timings.quietMs && !wait.aborted; waited += step) {
    const before = total();
    await Promise.race([setTimeout(step, undefined, { signal: wait }).catch(() => undefined), finished]);
    silent = total() === before ? silent + step : 0;
  }
}
