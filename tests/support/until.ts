import { setTimeout as sleep } from 'node:timers/promises';

/** Looks until `check` gives something else than undefined, null or false, and gives that; fails naming what it waited for. */
export async function until<T>(what: string, check: () => T | Promise<T>, timeout = 30_000): Promise<NonNullable<Exclude<T, false>>> {
  const deadline = performance.now() + timeout;
  let last: unknown;
  for (;;) {
    try {
      last = await check();
      if (last !== undefined && last !== null && last !== false) return last as NonNullable<Exclude<T, false>>;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const seen = last instanceof Error ? last.message : JSON.stringify(last);
      throw new Error(`waited ${timeout / 1000} s in vain until ${what}; last seen: ${seen}`);
    }
    await sleep(30);
  }
}
