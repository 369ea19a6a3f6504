import { AD_HOC, type Command } from '#core/contract/command.ts';
import type { Freeze } from '#core/contract/freeze.ts';
import { isId } from '#core/contract/ids.ts';
import type { Knowledge, Withdrawn } from '../intake/knowledge.ts';

/** Whether a command is run, or why it is not after all. */
export type Gate = { kind: 'go' } | { kind: 'skip'; reason: Withdrawn | 'frozen' | 'revoked' | 'version_changed'; detail?: string };

/**
 * What is asked right before a script starts. Throws when no answer can be had: nothing may stand in for one. How old
 * the answer about a job's revocation and version may be is the command's `staleness` to say: `strict` gives an age,
 * `unchecked` asks nothing, and otherwise it is at most as old as the last sync, connect or ten minutes. A freeze stops
 * what schedules send and nothing that people do, whatever the job says of staleness.
 */
export async function gate(
  knowledge: Knowledge,
  { command, execId, readCancelled }: { command: Command; execId: string; readCancelled: boolean },
): Promise<Gate> {
  const withdrawn = readCancelled ? await knowledge.cancelled(execId) : undefined;
  if (withdrawn !== undefined) return { kind: 'skip', reason: withdrawn };
  const { id: job, schedule_id: schedule, staleness, version } = command;
  // A freeze that is remembered is asked for once more before anything is skipped for it: the sync of a thaw can get lost.
  const freeze = schedule !== undefined && (await knowledge.freeze(Number.POSITIVE_INFINITY)) ? await knowledge.freeze(0) : undefined;
  if (freeze !== undefined) return { kind: 'skip', reason: 'frozen', detail: inWords(freeze) };
  // The seeds' ad-hoc commands may carry any text as their job; only an id can be one.
  if (job === AD_HOC || !isId(job) || staleness?.mode === 'unchecked') return { kind: 'go' };
  const maxAge = staleness?.mode === 'strict' ? staleness.max_cache_age_secs * 1000 : Number.POSITIVE_INFINITY;
  const [revoked, known] = await Promise.all([knowledge.revoked(job, maxAge), knowledge.currentVersion(job, maxAge)]);
  if (revoked) return { kind: 'skip', reason: 'revoked', detail: `job ${job} is revoked` };
  // What is remembered may be older than the command: it is asked once more before anything is skipped for it.
  const current = known === version ? known : await knowledge.currentVersion(job, 0);
  if (current !== undefined && current !== version) {
    return { kind: 'skip', reason: 'version_changed', detail: `job ${job} is at version ${current}, this is ${version}` };
  }
  return { kind: 'go' };
}

function inWords(freeze: Freeze | 'unreadable'): string {
  if (freeze === 'unreadable') return 'all schedules are frozen: there is a freeze that cannot be read';
  const { by, since, reason } = freeze;
  return `all schedules are frozen since ${since} by ${by}${reason === null ? '' : `: ${reason.slice(0, 500)}`}`;
}
