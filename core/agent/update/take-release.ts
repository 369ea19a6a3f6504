import type { Update } from '#core/contract/command.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { PublicKeyText } from '#core/contract/seal.ts';
import type { ReleaseManifest, ReleasePlatform } from '#core/release/manifest.ts';
import type { ReleaseSource } from '#core/release/release-source.ts';
import { stageRelease } from '#core/release/stage.ts';
import { verifyRelease } from '#core/release/verify.ts';
import type { UpdateState } from './update-state.ts';

export interface TakeRelease {
  /** The version that runs. */
  own: string;
  /** Whom it believes. */
  keys: () => Promise<readonly PublicKeyText[]>;
  source: () => ReleaseSource;
  platform: ReleasePlatform;
  /** Milliseconds since 1970, of the broker's clock or later. */
  now: () => number;
  /** Where each version has a folder, and that of the one that runs. */
  versionsFolder: string;
  runningFolder: string;
}

/** The release that a command names, if this PC may take it. */
export async function readRelease(
  from: TakeRelease,
  { version, envelope_sha256 }: Update,
  seen: UpdateState,
  signal: AbortSignal,
): Promise<ReleaseManifest> {
  const { own, keys, source, platform, now } = from;
  using line = source();
  const manifest = verifyRelease({
    envelope: await line.envelope(envelope_sha256, signal),
    keys: await keys(),
    now: now(),
    running: { version: own, highestProven: seen.proven },
    newestSerial: seen.serial,
    platform,
  });
  if (manifest.version !== version)
    throw new KanadeError('release_malformed', `the release is ${manifest.version}, and the command says ${version}`);
  return manifest;
}

/** Lays it into the folder of its version. */
export async function layRelease(
  { source, versionsFolder, runningFolder }: TakeRelease,
  manifest: ReleaseManifest,
  signal: AbortSignal,
): Promise<void> {
  using line = source();
  await stageRelease({ manifest, versionsFolder, runningFolder, fetch: line.fetch, signal });
}
