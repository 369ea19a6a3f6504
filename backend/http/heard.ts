import type { HttpContext } from './context.ts';

/** Milliseconds an answer waits for this backend's own watch, which is behind by less unless the broker is away. */
const PATIENCE = 2000;

/**
 * Waits until this backend knows of a change it has just stored, so that whoever asks next, with this job or for a list, is told of it. A
 * change is one whether or not it has been heard of.
 */
export async function heard(
  { schedules, dynamicGroups }: Pick<HttpContext, 'schedules' | 'dynamicGroups'>,
  bucket: 'schedules' | 'jobs' | 'config' | 'dynamic_groups',
  revision: number,
  signal: AbortSignal,
): Promise<void> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  if (bucket === 'dynamic_groups') await dynamicGroups.settled(revision, patience);
  else await schedules.reached(bucket, revision, patience);
}
