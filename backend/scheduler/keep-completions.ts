import { setTimeout as sleep } from 'node:timers/promises';
import { encode } from '#core/contract/codec.ts';
import { messageOf } from '#core/contract/errors.ts';
import type { Completion } from '#core/contract/schedule.ts';
import { instant } from '#core/contract/time.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import { kvPut } from '#core/nats/kv.ts';
import { unkeptCompletions } from '../projectors/read/schedules.ts';
import type { SchedulerContext } from './context.ts';

/** Milliseconds. Results are kept for 90 days, so there is time. */
const EVERY = 5000;
const AT_ONCE = 500;

/** Lease holder only: what a schedule has completed goes from the projection, which forgets with the streams, to the bucket, which does not. */
export async function keepCompletions(ctx: SchedulerContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await keepSome(ctx, signal);
    } catch (error) {
      if (!signal.aborted) ctx.log.warn({ error: messageOf(error) }, 'completions could not be kept: trying again');
    }
    await sleep(EVERY, undefined, { signal }).catch(() => {});
  }
}

async function keepSome({ nats, db, projection }: SchedulerContext, signal: AbortSignal): Promise<void> {
  for (;;) {
    const some = unkeptCompletions(db, AT_ONCE);
    let last = 0;
    await inParallel(some, 32, async ({ schedule_id, pc_id, exec_id, version, finished_recorded }) => {
      const completion: Completion = { exec_id, finished_at: instant(finished_recorded), version };
      last = Math.max(last, await kvPut(nats, 'completions', `${schedule_id}.${pc_id}`, encode(completion)));
    });
    if (some.length < AT_ONCE) return;
    await projection.passed('KV_completions', last, { signal });
  }
}
