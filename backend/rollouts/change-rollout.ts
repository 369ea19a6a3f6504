import { KanadeError } from '#core/contract/errors.ts';
import type { Rollout, RolloutStatus } from '#core/contract/rollout.ts';
import { withStep } from './steps.ts';

/**
 * What people may do to a rollout. Pure; what is so already is left alone, so that asking twice does no harm; what its
 * state does not allow is `rollout_state`. running <-> paused; halted -> running; all three -> aborted, which is final.
 */
export type Change = (rollout: Rollout, by: string, now: number) => Rollout;

export const pause: Change = (rollout, by, now) => {
  if (rollout.status === 'paused') return rollout;
  allow(rollout, 'paused', ['running']);
  const { advance: _, ...rest } = rollout;
  return withStep(rest, now, { by, what: 'paused', detail: null }, { status: 'paused' });
};

/** From a halt it goes on: what has failed in the waves until now is accepted. */
export const resume: Change = (rollout, by, now) => {
  if (rollout.status === 'running') return rollout;
  allow(rollout, 'resumed', ['paused', 'halted']);
  const wasHalted = rollout.status === 'halted';
  // A wave that was not sent yet has failed nobody.
  const accepted = rollout.waves[rollout.wave]?.seq === null ? rollout.wave - 1 : rollout.wave;
  const detail = wasHalted ? `the failures up to wave ${accepted} are accepted` : null;
  const change = { status: 'running', ...(wasHalted ? { accepted } : {}) } as const;
  const resumed = withStep(rollout, now, { by, what: 'resumed', detail }, change);
  if (rollout.cancel?.done !== true) return resumed;
  // What the halt wanted cancelled is: later waves have nothing to do with it.
  const { cancel: _, ...rest } = resumed;
  return rest;
};

/** `cancelQueued`: default what the plan says of a halt. */
export function abort(cancelQueued: boolean | undefined): Change {
  return (rollout, by, now) => {
    if (rollout.status === 'aborted') return rollout;
    allow(rollout, 'aborted', ['running', 'paused', 'halted']);
    const { advance: _, ...rest } = rollout;
    const cancels = cancelQueued ?? rollout.plan.on_halt === 'cancel_queued';
    const detail = cancels ? 'queued commands are cancelled' : 'queued commands stay';
    const cancel = cancels ? { cancel: { by, done: false } } : {};
    return withStep(rest, now, { by, what: 'aborted', detail }, { status: 'aborted', ...cancel });
  };
}

/** The next wave starts without waiting for the soak, or for PCs that are still at it; the limit of failures holds. */
export const advance: Change = (rollout, by, now) => {
  allow(rollout, 'advanced', ['running']);
  if (rollout.advance === 'now') return rollout;
  const next = rollout.wave + 1;
  if (next >= rollout.waves.length) throw new KanadeError('rollout_state', `the last wave of rollout ${rollout.id} has started`);
  return withStep(rollout, now, { by, what: 'advanced', detail: `wave ${next} is not waited for` }, { advance: 'now' });
};

function allow({ id, status }: Rollout, what: string, from: readonly RolloutStatus[]): void {
  if (!from.includes(status)) {
    throw new KanadeError('rollout_state', `rollout ${id} is ${status}: only one that is ${from.join(' or ')} can be ${what}`);
  }
}
