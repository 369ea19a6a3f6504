import { setTimeout } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import type { Platform, ProcessTree } from '../platform/platform.ts';
import type { RunLog } from './script.ts';
import type { RunTimings } from './timings.ts';

export interface EndTreeDeps {
  platform: Platform;
  timings: RunTimings;
  /** Milliseconds, monotonic. */
  mono: () => number;
  log: RunLog;
}

/**
 * Ends a whole tree: asks, waits for the grace time, then ends what is left, again and again because it may fork
 * meanwhile. False when something of it still runs after `abandonMs`.
 */
export async function endTree({ platform, timings, mono, log }: EndTreeDeps, tree: ProcessTree): Promise<boolean> {
  const begun = mono();
  let reported = false;
  for (let waited = 0, first = true; ; first = false) {
    try {
      const force = waited >= timings.graceMs;
      if (first || force) await platform.endTree(tree, force);
      if ((await platform.alive(tree)) === 0) return true;
    } catch (error) {
      // Whatever it was (no file handles left, say) may pass: one line in the log, and another try.
      if (!reported) log.warn({ marker: tree.marker, error: messageOf(error) }, 'could not look for the processes of a script');
      reported = true;
    }
    if (waited >= timings.abandonMs) return false;
    // Slower and slower: a process that hangs in the kernel does not end sooner for being looked at.
    await setTimeout(Math.max(timings.pollMs, Math.min(1000, waited / 20)));
    waited = mono() - begun;
  }
}
