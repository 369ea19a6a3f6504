import { readlinkSync } from 'node:fs';

const LINK = /\/zoneinfo\/(?:posix\/|right\/)?([A-Za-z0-9_+/-]+)$/;
const NAME = /^[A-Za-z][A-Za-z0-9_+/-]*$/;

/**
 * The IANA name of this PC's time zone. Read from where POSIX systems keep it; Intl is asked only when that says nothing,
 * for its first use keeps 8 MB of ICU in memory for good, a tenth of an idle agent.
 */
export function timeZone(env: NodeJS.ProcessEnv, readLink: (path: string) => string = readlinkSync): string {
  if (env.TZ && NAME.test(env.TZ)) return env.TZ;
  // An empty TZ means UTC and any other form is for the system to read: both are Intl's.
  if (env.TZ === undefined) {
    try {
      const name = LINK.exec(readLink('/etc/localtime'))?.[1];
      if (name !== undefined) return name;
    } catch {
      // It is no link, or not there: Intl knows what that means.
    }
  }
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
