import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { DAY, daysUntil } from '../tls/ends-soon.ts';
import type { Releases } from './releases.ts';

/** Days before the end of a release in which somebody is to sign it again. */
const WARN_DAYS = 14;
/** Milliseconds. */
const LOOK_EVERY = 600_000;

export interface ReleaseEnd {
  version: string;
  platform: string;
  ends: Date;
}

/** When what PCs are meant to come to ends: the highest version of each platform. */
export function releaseEnds(releases: Pick<Releases, 'newest'>): ReleaseEnd[] {
  return releases.newest().map(({ manifest: { version, platform, expires } }) => ({ version, platform, ends: new Date(expires) }));
}

/** What an admin should see to, in words. */
export function releaseWarnings(ends: readonly ReleaseEnd[], now: number): string[] {
  return ends.filter((end) => isSoon(end, now)).map((end) => wordsOf(end, now));
}

function isSoon({ ends }: ReleaseEnd, now: number): boolean {
  return daysUntil(ends, now) < WARN_DAYS;
}

function wordsOf({ version, platform, ends }: ReleaseEnd, now: number): string {
  const when = ends.getTime() <= now ? 'has expired: no PC takes it' : `ends in ${daysUntil(ends, now)} days`;
  return `release ${version} for ${platform} ${when}; sign it again (npm run pack -- --resign) and add it`;
}

export interface ReleaseEndsContext {
  releases: Pick<Releases, 'newest'>;
  /** Milliseconds since 1970. */
  clock: () => number;
  /** Stores an event. */
  say: (event: { code?: string; detail: string; subject: string }) => Promise<void>;
  log: Pick<Log, 'warn'>;
  /** Milliseconds between two looks. */
  every?: number;
}

/** Lease holder only: tells of a release that ends, once a day and once when it has. */
export async function sayReleaseEnds(
  { releases, clock, say, log, every = LOOK_EVERY }: ReleaseEndsContext,
  signal: AbortSignal,
): Promise<void> {
  const said = new Map<string, number>();
  while (!signal.aborted) {
    const now = clock();
    for (const end of releaseEnds(releases).filter((each) => isSoon(each, now))) {
      const over = end.ends.getTime() <= now;
      const key = `${end.version} ${end.platform} ${end.ends.getTime()} ${over}`;
      if (now - (said.get(key) ?? Number.NEGATIVE_INFINITY) < DAY) continue;
      const detail = wordsOf(end, now);
      log.warn({ version: end.version, platform: end.platform, ends: end.ends.toISOString() }, detail);
      try {
        await say({ ...(over ? { code: 'release_expired' } : {}), detail, subject: `${end.version} ${end.platform}` });
        said.set(key, now);
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'that could not be stored');
      }
    }
    await sleep(every, undefined, { signal }).catch(() => {});
  }
}
