import { setTimeout as sleep } from 'node:timers/promises';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Rollout } from '#core/contract/rollout.ts';
import { sleepOrWake, Wake } from '#core/nats/retry.ts';
import type { ExecContext } from '../exec/context.ts';
import { caughtUp } from '../lease/caught-up.ts';
import type { Projection } from '../projectors/projection.ts';
import type { Schedules } from '../scheduler/schedules.ts';
import { actOn } from './act.ts';
import { countWaves } from './count-waves.ts';
import { type Decision, decide } from './decide.ts';
import { forgetOld } from './forget-old.ts';
import { heldBackBy } from './held-back.ts';
import { noteOf, type RolloutMirror } from './rollout-note.ts';
import { type KeptRollout, readRollout } from './rollout-store.ts';

export interface RolloutsContext extends ExecContext {
  rollouts: RolloutMirror;
  schedules: Pick<Schedules, 'freeze' | 'all'>;
  projection: Pick<Projection, 'onCommit' | 'passed' | 'status'>;
}

/** Milliseconds: all are looked at this often, for time passes without a commit, and those that a commit was about at once. */
const LOOK_EVERY = 2000;
/** Commits come faster than they have to be looked at. */
const LOOK_PAUSE = 200;
const FORGET_EVERY = 3600_000;

/**
 * Lease holder only: takes every rollout as far as it may go. All state is in the bucket and in the projection, so a
 * holder that dies at any point leaves nothing that the next one would not find.
 */
export async function runRollouts(ctx: RolloutsContext, signal: AbortSignal): Promise<void> {
  await caughtUp(ctx, signal).catch((error) => {
    if (!signal.aborted) throw error;
  });
  const committed = new Wake();
  let touched = new Set<string>();
  const stop = ctx.projection.onCommit(({ execIds }) => {
    for (const id of execIds) touched.add(id);
    if (execIds.size > 0) committed.fire();
  });
  let lookAtAllAt = 0;
  let forgetAt = 0;
  try {
    while (!signal.aborted) {
      const all = performance.now() >= lookAtAllAt;
      if (all) lookAtAllAt = performance.now() + LOOK_EVERY;
      const about = touched;
      touched = new Set();
      await lookAtEach(ctx, (rollout) => all || rollout.waves.some((wave) => about.has(wave.exec_id)), signal);
      if (performance.now() >= forgetAt) {
        await forgetOld(ctx);
        forgetAt = performance.now() + FORGET_EVERY;
      }
      if (touched.size === 0) await sleepOrWake(lookAtAllAt - performance.now(), committed, signal).catch(() => {});
      await sleep(LOOK_PAUSE, undefined, { signal }).catch(() => {});
    }
  } finally {
    stop();
  }
}

async function lookAtEach(ctx: RolloutsContext, due: (rollout: Rollout) => boolean, signal: AbortSignal): Promise<void> {
  for (const id of [...ctx.rollouts.keys()]) {
    if (signal.aborted) return;
    const noted = ctx.rollouts.get(id);
    const open = noted && 'value' in noted ? noted.value.open : undefined;
    if (open === undefined || !due(open) || decideNow(ctx, open).do === 'wait') continue;
    try {
      await goOn(ctx, id, signal);
    } catch (error) {
      // Changed by somebody else at the same time: what it has become is looked at next.
      const overtaken = error instanceof KanadeError && error.code === 'precondition_failed';
      if (!overtaken && !signal.aborted) ctx.log.warn({ rollout: id, error: messageOf(error) }, 'a rollout could not go on: trying again');
    }
  }
}

/** As far as it goes now. From the bucket: the mirror may be behind, and not all that follows is guarded by compare-and-set. */
async function goOn(ctx: RolloutsContext, id: string, signal: AbortSignal): Promise<void> {
  for (let kept = await readRollout(ctx.nats, id); kept !== undefined && !signal.aborted; ) {
    ctx.rollouts.accept(id, noteOf(kept.rollout), kept.revision);
    const decision = decideNow(ctx, kept.rollout);
    if (decision.do === 'wait') return;
    const next: KeptRollout = await actOn(ctx, kept, decision);
    kept = next;
  }
}

function decideNow(ctx: RolloutsContext, rollout: Rollout): Decision {
  const now = ctx.clock();
  const counts = countWaves(ctx, rollout, now).map((seen) => seen?.counts);
  return decide(rollout, counts, now, heldBackBy(ctx.schedules, rollout, now));
}
