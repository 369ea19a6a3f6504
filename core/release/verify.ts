import { decode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { PublicKeyText } from '#core/contract/seal.ts';
import { compareVersions } from '#core/contract/version.ts';
import { asRelease, openEnvelope } from './envelope.ts';
import { PRODUCT, ReleaseManifest, type ReleasePlatform } from './manifest.ts';

export interface VerifyRelease {
  /** The bytes of the DSSE envelope. */
  envelope: Uint8Array;
  /** Whom the running version believes: what `readReleaseKeys` gives of its own folder. */
  keys: readonly PublicKeyText[];
  /** Milliseconds since 1970, of the broker's clock or later. */
  now: number;
  running: {
    version: string;
    /** The highest that has ever shown on this PC that it works; default: the one that runs. */
    highestProven?: string | undefined;
  };
  /** The highest serial of a release that was verified here; undefined where none was yet. */
  newestSerial: number | undefined;
  platform: ReleasePlatform;
}

export interface OpenedRelease {
  manifest: ReleaseManifest;
  signedBy: string[];
}

/** What a release says, when somebody who is believed has said it: `release_malformed`, `release_untrusted`, `release_forged`, `release_wrong_product`. */
export function openRelease(envelope: Uint8Array, keys: readonly PublicKeyText[]): OpenedRelease {
  const { payload, signedBy } = openEnvelope(envelope, keys);
  const manifest = asRelease('the manifest', () => decode(ReleaseManifest, payload));
  if (manifest.product !== PRODUCT)
    throw new KanadeError('release_wrong_product', `this is a release of ${manifest.product}, not of ${PRODUCT}`);
  return { manifest, signedBy };
}

/**
 * Whether this PC may take a release. Beside what `openRelease` rejects with: `release_wrong_platform`; `release_expired` (freeze);
 * `release_replayed` (an older signing than one that was seen); `release_rollback` (a lower version than runs, or has run);
 * `release_not_newer` (the one that runs).
 */
export function verifyRelease({ envelope, keys, now, running, newestSerial, platform }: VerifyRelease): ReleaseManifest {
  const { manifest } = openRelease(envelope, keys);
  const { version, serial } = manifest;
  if (manifest.platform !== platform)
    throw new KanadeError('release_wrong_platform', `release ${version} is for ${manifest.platform}, not for ${platform}`);
  assertNotExpired(manifest, now);
  if (newestSerial !== undefined && serial < newestSerial)
    throw new KanadeError('release_replayed', `release ${version} has serial ${serial}, and one with ${newestSerial} was seen already`);
  const { highestProven = running.version } = running;
  for (const lowest of [running.version, highestProven])
    if (compareVersions(version, lowest) < 0)
      throw new KanadeError(
        'release_rollback',
        `release ${version} is lower than ${lowest}, which ${lowest === running.version ? 'runs' : 'has run'} here`,
      );
  if (version === running.version) throw new KanadeError('release_not_newer', `version ${version} runs already`);
  return manifest;
}

export function assertNotExpired({ version, expires }: Pick<ReleaseManifest, 'version' | 'expires'>, now: number): void {
  if (!(now < Date.parse(expires))) throw new KanadeError('release_expired', `release ${version} counted until ${expires}: sign it again`);
}
