import type { RolloutMirror, RolloutSummary } from './rollout-note.ts';

/** The place of a rollout in the list, newest first. */
export interface RolloutCursor {
  /** Empty of one that cannot be read: those come before all others, where they are seen. */
  createdAt: string;
  id: string;
}

export function listRollouts(
  rollouts: RolloutMirror,
  { statuses, after, limit }: { statuses?: readonly RolloutSummary['status'][]; after?: RolloutCursor; limit: number },
): { items: RolloutSummary[]; next?: RolloutCursor } {
  const found = [...rollouts.keys()]
    .map((id) => summaryOf(rollouts, id))
    .filter((one) => statuses === undefined || statuses.includes(one.status))
    .filter((one) => after === undefined || order(after, placeOf(one)) < 0)
    .sort((a, b) => order(placeOf(a), placeOf(b)));
  const items = found.slice(0, limit);
  return found.length > limit ? { items, next: placeOf(items.at(-1)!) } : { items };
}

function summaryOf(rollouts: RolloutMirror, id: string): RolloutSummary {
  const noted = rollouts.get(id)!;
  if ('value' in noted) return noted.value.summary;
  const unknown = { created_at: null, actor: null, job_id: null, schedule_id: null, target_count: null, waves: null, waves_started: null };
  return { rollout_id: id, status: 'unreadable', ...unknown, error: noted.error };
}

function placeOf(one: RolloutSummary): RolloutCursor {
  return { createdAt: one.created_at ?? '', id: one.rollout_id };
}

function order(a: RolloutCursor, b: RolloutCursor): number {
  if (a.createdAt !== b.createdAt) {
    if (a.createdAt === '' || b.createdAt === '') return a.createdAt === '' ? -1 : 1;
    return a.createdAt > b.createdAt ? -1 : 1;
  }
  return a.id === b.id ? 0 : a.id > b.id ? -1 : 1;
}
