import { setTimeout as sleep } from 'node:timers/promises';
import type { KanadeError } from '#core/contract/errors.ts';
import type { Heartbeat } from '#core/contract/heartbeat.ts';
import { instant } from '#core/contract/time.ts';
import { isDiskTrouble } from '#core/files/disk-error.ts';
import { type AgentFolder, type FolderOptions, openFolder } from './folder.ts';
import { connectAgent, type LinkOptions } from './link.ts';
import { BEAT_EVERY, sendHeartbeat } from './report/heartbeat.ts';

/** Milliseconds between two tries. */
const TRY_EVERY = 5000;

/**
 * Opens the folder, however long the disk refuses: an agent that cannot write runs nothing, but it connects, unless it
 * has no identity to connect with, and its heartbeat says why. undefined when `signal` aborted first. Rejects with
 * `folder_in_use`.
 */
export async function openUntilUsable(
  options: FolderOptions,
  link: LinkOptions | undefined,
  about: Pick<Heartbeat, 'version' | 'hostname' | 'os' | 'tz'>,
  signal: AbortSignal,
): Promise<AgentFolder | undefined> {
  const first = await tryOpen(options);
  if (!(first instanceof Error)) return first;
  options.log.error({ error: first.message }, 'the data folder cannot be used: nothing runs until it can be');
  await using nats = link && (await connectAgent(link, signal));
  let problem = first;
  let beatAt = 0;
  while (!signal.aborted) {
    if (nats && link && options.mono() >= beatAt) {
      const { code, message: detail } = problem;
      sendHeartbeat(nats, {
        pc_id: link.pcId,
        at: instant(options.wall()),
        ...about,
        replay: { state: 'waiting' },
        problems: [{ code, detail }],
      });
      beatAt = options.mono() + BEAT_EVERY;
    }
    await sleep(TRY_EVERY, undefined, { signal }).catch(() => {});
    const folder = await tryOpen(options);
    if (!(folder instanceof Error)) return folder;
    problem = folder;
  }
  return undefined;
}

async function tryOpen(options: FolderOptions): Promise<AgentFolder | KanadeError> {
  try {
    return await openFolder(options);
  } catch (error) {
    if (isDiskTrouble(error)) return error;
    throw error;
  }
}
