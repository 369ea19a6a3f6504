import { KanadeError } from '#core/contract/errors.ts';
import { sha256 } from '#core/contract/ids.ts';
import { instant } from '#core/contract/time.ts';
import { type ArchiveEntry, ENVELOPE_ENTRY, hashOfEntry, readArchive } from '#core/release/archive.ts';
import { ENVELOPE_MAX } from '#core/release/envelope.ts';
import { RELEASE_BYTES_MAX, type ReleaseManifest } from '#core/release/manifest.ts';
import { readReleaseKeys } from '#core/release/release-keys.ts';
import { assertNotExpired, openRelease } from '#core/release/verify.ts';
import type { FileStore } from './file-store.ts';
import type { Releases } from './releases.ts';
import type { StoredRelease } from './stored-release.ts';

export interface TakeContext {
  releases: Pick<Releases, 'put'>;
  releaseFiles: Pick<FileStore, 'add'>;
  /** The list of those whose releases are taken. */
  releaseKeysFile: string;
  /** Milliseconds since 1970. */
  clock: () => number;
}

/**
 * A release as an admin sends it: believed first, then its files one by one, each checked before another backend or a PC can see it.
 * Only when all are there it is one that PCs may take. Rejects with what `openRelease` and `Releases.put` do, and with
 * `release_expired`, `release_file_wrong`, `release_malformed`, `releases_full`.
 */
export async function takeRelease(
  ctx: TakeContext,
  archive: AsyncIterable<Uint8Array>,
  { actor, signal }: { actor: string; signal: AbortSignal },
): Promise<{ release: StoredRelease; before: StoredRelease | undefined }> {
  const entries = readArchive(archive);
  const envelope = await envelopeOf((await entries.next()).value);
  const { manifest, signedBy } = openRelease(envelope, await readReleaseKeys(ctx.releaseKeysFile));
  assertNotExpired(manifest, ctx.clock());
  await addFiles(ctx, manifest, entries, signal);
  const own = { sha256: sha256(envelope), size: envelope.length };
  await ctx.releaseFiles.add(own, once(envelope), signal);
  return ctx.releases.put({
    manifest,
    envelope: own,
    signed_by: signedBy,
    uploaded_at: instant(ctx.clock()),
    uploaded_by: actor,
  });
}

/**
 * Passes over what is left of an upload that was refused: clients such as .NET's hear no answer while they send, and only that the
 * connection broke when it is cut.
 */
export async function passOver(rest: AsyncIterable<Uint8Array>): Promise<void> {
  let left = RELEASE_BYTES_MAX;
  try {
    for await (const part of rest) {
      left -= part.length;
      if (left < 0) return;
    }
  } catch {
    // It was cut already.
  }
}

async function addFiles(
  ctx: TakeContext,
  { files }: ReleaseManifest,
  entries: AsyncIterable<ArchiveEntry>,
  signal: AbortSignal,
): Promise<void> {
  const missing = new Map(files.map((file) => [file.sha256, file]));
  for await (const { name, size, content } of entries) {
    const wanted = missing.get(hashOfEntry(name) ?? '');
    if (wanted === undefined) throw malformed(`${JSON.stringify(name)} is in it, and its manifest does not name it, or it is there twice`);
    if (size !== wanted.size)
      throw new KanadeError('release_file_wrong', `${wanted.path} is to have ${wanted.size} bytes, and comes with ${size}`);
    await ctx.releaseFiles.add(wanted, content, signal);
    missing.delete(wanted.sha256);
  }
  const [lacking] = missing.values();
  if (lacking !== undefined) throw malformed(`${lacking.path} is not in it, nor are ${missing.size - 1} others`);
}

async function envelopeOf(entry: ArchiveEntry | undefined): Promise<Uint8Array> {
  if (entry?.name !== ENVELOPE_ENTRY) throw malformed(`it does not begin with ${ENVELOPE_ENTRY}`);
  if (entry.size > ENVELOPE_MAX) throw malformed(`its envelope has more than ${ENVELOPE_MAX} bytes`);
  const parts: Uint8Array[] = [];
  for await (const part of entry.content) parts.push(part);
  return Buffer.concat(parts);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function malformed(why: string): KanadeError {
  return new KanadeError('release_malformed', `the release cannot be taken: ${why}`);
}
