import { array, define, enums, type Infer, literal, refine, size, string, type } from 'superstruct';
import { Instant } from '#core/contract/time.ts';
import { Version } from '#core/contract/version.ts';
import { clashIn, FilePath } from './file-path.ts';

const MiB = 1024 * 1024;

export const PRODUCT = 'kanade-agent';
export const PLATFORMS = ['win-x64', 'linux-x64'] as const;
export type ReleasePlatform = (typeof PLATFORMS)[number];

/** Node alone has about 90 MiB. */
export const FILE_BYTES_MAX = 256 * MiB;
export const RELEASE_BYTES_MAX = 512 * MiB;
const FILES_MAX = 2000;

/** What lies in the folder of a version beside the files of its release, and says which those are (installed.ts). */
export const INSTALLED_FILE = 'release.json';

const whole = (most: number) =>
  define<number>(
    'whole',
    (value) => (Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most) || `must be 0 to ${most}`,
  );

export const Sha256 = define<string>(
  'Sha256',
  (value) => (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) || 'must be a SHA-256 in hex',
);

const ReleaseFile = type({ path: FilePath, size: whole(FILE_BYTES_MAX), sha256: Sha256 });
export type ReleaseFile = Infer<typeof ReleaseFile>;

const Files = refine(size(array(ReleaseFile), 1, FILES_MAX), 'Files', (files) => {
  const clash = clashIn([INSTALLED_FILE, ...files.map(({ path }) => path)]);
  if (clash !== undefined) return `${JSON.stringify(clash)} is there twice`;
  return bytesOf(files) <= RELEASE_BYTES_MAX || `are more than ${RELEASE_BYTES_MAX} bytes together`;
});

/** What is signed of a release: one version of the agent for one platform, file by file. */
const Manifest = type({
  format: literal(1),
  product: size(string(), 1, 64),
  platform: enums(PLATFORMS),
  version: Version,
  /** Rises with each signing, whatever the version: an older signing that is shown again is known by it. */
  serial: whole(Number.MAX_SAFE_INTEGER),
  created: Instant,
  /** From then on nobody takes it: whoever holds newer releases back is found out. */
  expires: Instant,
  files: Files,
});

export const ReleaseManifest = refine(
  Manifest,
  'ReleaseManifest',
  ({ created, expires }) => Date.parse(created) < Date.parse(expires) || 'it ends before it begins',
);
export type ReleaseManifest = Infer<typeof ReleaseManifest>;

export function bytesOf(files: readonly ReleaseFile[]): number {
  return files.reduce((sum, file) => sum + file.size, 0);
}
