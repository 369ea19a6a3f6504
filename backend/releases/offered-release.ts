import type { Update } from '#core/contract/command.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { ReleasePlatform } from '#core/release/manifest.ts';
import { assertNotExpired } from '#core/release/verify.ts';
import type { Releases } from './releases.ts';

/** Where kanade-host.exe starts the versions of an agent, and no other agent takes an update. */
const PLATFORM: ReleasePlatform = 'win-x64';

/** The release that an update to `version` is out of; without one that of the highest version. `unknown_release`, `release_expired`. */
export function offeredRelease(releases: Pick<Releases, 'all'>, version: string | undefined, now: number): Update {
  const offered = releases.all().filter(({ manifest }) => manifest.platform === PLATFORM);
  const release = version === undefined ? offered[0] : offered.find(({ manifest }) => manifest.version === version);
  if (release === undefined) {
    const message = version === undefined ? 'no release for Windows was added' : `there is no release ${version} for Windows`;
    throw new KanadeError('unknown_release', message, { faults: [{ pointer: '/update/version', code: 'unknown_release', message }] });
  }
  const { manifest, envelope } = release;
  assertNotExpired(manifest, now);
  return { version: manifest.version, envelope_sha256: envelope.sha256 };
}
