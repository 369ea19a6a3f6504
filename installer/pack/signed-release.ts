import type { KeyObject } from 'node:crypto';
import { check, encode } from '#core/contract/codec.ts';
import { instant } from '#core/contract/time.ts';
import { archiveParts, ENVELOPE_ENTRY, fileEntry, hashOfEntry, readArchive } from '#core/release/archive.ts';
import { publicTextOf, signEnvelope } from '#core/release/envelope.ts';
import { INSTALLED_FILE, PRODUCT, type ReleaseFile, ReleaseManifest, type ReleasePlatform } from '#core/release/manifest.ts';
import { openRelease } from '#core/release/verify.ts';
import { type PackFile, sha256 } from './files.ts';
import { releaseFiles } from './release.ts';

/** By whom and for how long a release is signed. */
export interface ReleaseSigning {
  keys: readonly KeyObject[];
  /** When, milliseconds since 1970. */
  now: number;
  /** Milliseconds that it counts from then on. */
  lasts: number;
}

export interface SignedRelease extends ReleaseSigning {
  version: string;
  platform: ReleasePlatform;
  /** All that lies in the folder of the version. */
  files: readonly PackFile[];
  /** How old what it consists of is. */
  at: Date;
}

/**
 * The file that an admin adds to the server. Its files are those of the commit; what is signed says when it was signed, by the clock and
 * not by the commit: a release signed later must have the higher serial, also when an older one was signed again meanwhile.
 */
export function signedRelease({ version, platform, files, at, ...signing }: SignedRelease): PackFile {
  const own = files.filter(({ name }) => name !== INSTALLED_FILE);
  const envelope = signed({ version, platform, files: releaseFiles(own) }, 0, signing);
  const contents = new Map(own.map(({ bytes }) => [sha256(bytes), bytes]));
  return { name: `${PRODUCT}-${version}-${platform}.release`, bytes: archive(envelope, contents, at.getTime()) };
}

/** The same release signed anew, when it was signed by somebody of `believed` and is what it says. The serial rises. */
export async function resigned(release: Uint8Array, believed: readonly string[], signing: ReleaseSigning): Promise<Uint8Array> {
  const { envelope, contents, at } = await unpacked(release);
  const { manifest } = openRelease(envelope, [...believed, ...signing.keys.map(publicTextOf)]);
  for (const file of manifest.files)
    if (!contents.has(file.sha256)) throw new Error(`${file.path} is not in it, or is not what was signed: nothing is signed`);
  return archive(signed(manifest, manifest.serial, signing), contents, at);
}

function signed(
  what: { version: string; platform: ReleasePlatform; files: ReleaseFile[] },
  serialBefore: number,
  { keys, now, lasts }: ReleaseSigning,
): Uint8Array {
  const { version, platform, files } = what;
  const manifest: ReleaseManifest = {
    format: 1,
    product: PRODUCT,
    platform,
    version,
    serial: Math.max(Math.floor(now / 1000), serialBefore + 1),
    created: instant(now),
    expires: instant(now + lasts),
    files,
  };
  // What no PC takes is not signed.
  return signEnvelope(encode(check(ReleaseManifest, manifest)), keys);
}

function archive(envelope: Uint8Array, contents: ReadonlyMap<string, Uint8Array>, at: number): Uint8Array {
  const entries = [...contents].sort(([a], [b]) => (a < b ? -1 : 1)).map(([hash, bytes]) => ({ name: fileEntry(hash), bytes }));
  return Buffer.concat([...archiveParts([{ name: ENVELOPE_ENTRY, bytes: envelope }, ...entries], at)]);
}

/** Contents by what they are, whatever they are named. */
async function unpacked(release: Uint8Array): Promise<{ envelope: Uint8Array; contents: Map<string, Uint8Array>; at: number }> {
  let envelope: Uint8Array | undefined;
  let at = 0;
  const contents = new Map<string, Uint8Array>();
  for await (const { name, time, content } of readArchive(once(release))) {
    const bytes = Buffer.concat(await Array.fromAsync(content));
    if (name === ENVELOPE_ENTRY) [envelope, at] = [bytes, time];
    else if (hashOfEntry(name) === sha256(bytes)) contents.set(sha256(bytes), bytes);
  }
  if (envelope === undefined) throw new Error('it has no envelope');
  return { envelope, contents, at };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
