import { setTimeout as sleep } from 'node:timers/promises';
import type { KanadeError } from '#core/contract/errors.ts';
import { isDiskTrouble } from './disk-error.ts';

/** Milliseconds. */
const FIRST_PAUSE = 1000;
const LAST_PAUSE = 30_000;

/**
 * Repeats `write` while the disk refuses it, 1 s doubling to 30 s: what a PC has done must reach its disk sooner or later.
 * Rejects with any other error at once, and with the signal's reason when that aborts. `onRefused` hears each refusal.
 */
export async function untilWritten<T>(
  write: () => Promise<T>,
  options: { signal: AbortSignal; onRefused: (error: KanadeError, pause: number) => void },
): Promise<T> {
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 2, LAST_PAUSE)) {
    try {
      return await write();
    } catch (error) {
      if (!isDiskTrouble(error)) throw error;
      options.onRefused(error, pause);
    }
    await sleep(pause, undefined, { signal: options.signal });
  }
}
