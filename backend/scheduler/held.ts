import type { RolloutMirror } from '../rollouts/rollout-note.ts';
import type { KnownSchedule, Schedules } from './schedules.ts';

/**
 * The rollout that keeps a schedule from starting another, and why: two would overtake each other, and one that has halted
 * has found something wrong that the next would only find again. That ends when a person resumes or aborts it, or changes
 * the schedule. What is looked at every minute would start anew a minute after an abort: that holds it as well.
 */
function heldByRollout(rollouts: RolloutMirror, { stored, plan }: KnownSchedule): string | undefined {
  for (const id of rollouts.keys()) {
    const noted = rollouts.get(id)!;
    if (!('value' in noted) || noted.value.summary.schedule_id !== stored.schedule.id) continue;
    const { status, created_at } = noted.value.summary;
    if (status === 'running' || status === 'paused') return `its rollout ${id} is ${status}`;
    const ofThisText = created_at !== null && Date.parse(created_at) >= Date.parse(stored.changed_at);
    const stopped = status === 'halted' || (status === 'aborted' && plan.trigger.kind === 'minutes');
    if (stopped && ofThisText) return `its rollout ${id} is ${status}: resume or abort it, or change the schedule`;
  }
  return undefined;
}

/** Why a schedule fires nothing whatever is due, in words for an admin; undefined when nothing holds it. */
export function heldBy(ctx: { schedules: Schedules; rollouts: RolloutMirror }, known: KnownSchedule): string | undefined {
  const { enabled, rollout } = known.stored.schedule;
  if (enabled === false) return 'it is disabled';
  const { freeze } = ctx.schedules;
  if (freeze !== undefined) return `the fleet is frozen${freeze.value?.reason ? `: ${freeze.value.reason}` : ''}`;
  return rollout === undefined ? undefined : heldByRollout(ctx.rollouts, known);
}
