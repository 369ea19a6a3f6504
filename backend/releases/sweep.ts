import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { STREAMS } from '#core/contract/streams.ts';
import { subjects } from '#core/contract/subjects.ts';
import type { Nats } from '#core/nats/connection.ts';
import { lastOnSubject } from '#core/nats/direct-get.ts';
import { purgeStream, subjectsOf } from '#core/nats/jetstream.ts';
import type { FileStore } from './file-store.ts';
import type { Releases } from './releases.ts';

/** Milliseconds. Longer than an upload may take, whose files no release names before its end. */
const UNNAMED_FOR = 2 * 3_600_000;
const SWEEP_EVERY = 3_600_000;

interface SweepContext {
  releases: Pick<Releases, 'sizeOf' | 'allRead'>;
  log: Pick<Log, 'info' | 'warn'>;
}

/** Each backend: its own copies that no release names any more. */
export function sweepOwnFiles(
  { releases, releaseFiles, log }: SweepContext & { releaseFiles: Pick<FileStore, 'sweep'> },
  signal: AbortSignal,
): Promise<void> {
  const isWanted = (sha256: string) => releases.sizeOf(sha256) !== undefined;
  return hourly(async () => (releases.allRead ? releaseFiles.sweep(isWanted, Date.now() - UNNAMED_FOR) : 0), log, signal);
}

/** Lease holder only: the same in the stream, by the broker's clock. */
export function sweepStoredFiles(ctx: SweepContext & { nats: Nats; clock: () => number }, signal: AbortSignal): Promise<void> {
  return hourly(() => sweepStream(ctx, ctx.clock() - UNNAMED_FOR), ctx.log, signal);
}

/** Removes the files that were written before `before`, milliseconds since 1970, and that no release names; how many. */
export async function sweepStream({ nats, releases }: { nats: Nats; releases: SweepContext['releases'] }, before: number): Promise<number> {
  const { name } = STREAMS.RELEASES;
  let removed = 0;
  if (!releases.allRead) return removed;
  for (const first of await subjectsOf(nats, name, 'releases.*.0')) {
    const sha256 = first.split('.')[1]!;
    if (releases.sizeOf(sha256) !== undefined) continue;
    const written = await lastOnSubject(nats, name, subjects.release(sha256, 0));
    if (written === undefined || written.created >= before) continue;
    await purgeStream(nats, name, `releases.${sha256}.*`);
    removed++;
  }
  return removed;
}

async function hourly(sweep: () => Promise<number>, log: SweepContext['log'], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const removed = await sweep();
      if (removed > 0) log.info({ removed }, 'files of releases that are gone were removed');
    } catch (error) {
      log.warn({ error: messageOf(error) }, 'sweeping the files of releases failed: the next hour tries again');
    }
    await sleep(SWEEP_EVERY, undefined, { signal }).catch(() => {});
  }
}
