import { array, type Infer, number, string, type } from 'superstruct';
import { Instant } from '#core/contract/time.ts';
import { bytesOf, ReleaseManifest, type ReleasePlatform, Sha256 } from '#core/release/manifest.ts';

/** `releases` bucket, key = `releaseId`. Its files lie in the stream RELEASES, the envelope too. */
export const StoredRelease = type({
  manifest: ReleaseManifest,
  /** By which PCs find the envelope. */
  envelope: type({ sha256: Sha256, size: number() }),
  /** Ids of the keys that this backend believes and that have signed it. */
  signed_by: array(string()),
  uploaded_at: Instant,
  uploaded_by: string(),
});
export type StoredRelease = Infer<typeof StoredRelease>;

/** `1_2_0-win-x64`: of each version and platform there is one, the newest signing of it. */
export function releaseId({ version, platform }: { version: string; platform: ReleasePlatform }): string {
  return `${version.replaceAll('.', '_')}-${platform}`;
}

/** How long each file is that PCs may ask for, by its hash. */
export function filesOf({ manifest, envelope }: StoredRelease): Map<string, number> {
  return new Map([...manifest.files, envelope].map(({ sha256, size }) => [sha256, size]));
}

/** As the API shows it. */
export interface ReleaseView {
  release: string;
  version: string;
  platform: ReleasePlatform;
  serial: number;
  created_at: string;
  expires_at: string;
  expired: boolean;
  files: number;
  bytes: number;
  envelope_sha256: string;
  signed_by: string[];
  uploaded_at: string;
  uploaded_by: string;
}

export function releaseView({ manifest, envelope, signed_by, uploaded_at, uploaded_by }: StoredRelease, now: number): ReleaseView {
  const { version, platform, serial, created, expires, files } = manifest;
  return {
    release: releaseId(manifest),
    version,
    platform,
    serial,
    created_at: created,
    expires_at: expires,
    expired: Date.parse(expires) <= now,
    files: files.length,
    bytes: bytesOf(files),
    envelope_sha256: envelope.sha256,
    signed_by,
    uploaded_at,
    uploaded_by,
  };
}
