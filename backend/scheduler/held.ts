import type { RolloutMirror } from '../rollouts/rollout-note.ts';
import type { KnownSchedule, Schedules } from './schedules.ts';

/** Two rollouts of one schedule would overtake each other: until the first is over its ticks fire nothing. Its id and status. */
export function rolloutUnderWay(rollouts: RolloutMirror, scheduleId: string): { id: string; status: string } | undefined {
  for (const id of rollouts.keys()) {
    const noted = rollouts.get(id)!;
    if (!('value' in noted) || noted.value.summary.schedule_id !== scheduleId) continue;
    const { status } = noted.value.summary;
    if (status === 'running' || status === 'paused') return { id, status };
  }
  return undefined;
}

/** Why a schedule fires nothing whatever is due, in words for an admin; undefined when nothing holds it. */
export function heldBy(ctx: { schedules: Schedules; rollouts: RolloutMirror }, { stored }: KnownSchedule): string | undefined {
  const { id, enabled, rollout } = stored.schedule;
  if (enabled === false) return 'it is disabled';
  const { freeze } = ctx.schedules;
  if (freeze !== undefined) return `the fleet is frozen${freeze.value?.reason ? `: ${freeze.value.reason}` : ''}`;
  const under = rollout === undefined ? undefined : rolloutUnderWay(ctx.rollouts, id);
  return under && `its rollout ${under.id} is ${under.status}`;
}
