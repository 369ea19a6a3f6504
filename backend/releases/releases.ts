import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { compareVersions } from '#core/contract/version.ts';
import type { Nats } from '#core/nats/connection.ts';
import { lastOnSubject } from '#core/nats/direct-get.ts';
import { kvCompareAndSet, kvDelete } from '#core/nats/kv.ts';
import { Mirror } from '#core/nats/mirror.ts';
import type { ReleasePlatform } from '#core/release/manifest.ts';
import { filesOf, releaseId, StoredRelease } from './stored-release.ts';

export interface ReleasesOptions {
  nats: Nats;
  log: Log;
}

/** The releases that PCs may be told to take: a mirror of their bucket. */
export class Releases {
  readonly #o: ReleasesOptions;
  readonly #mirror = new Mirror<StoredRelease>(
    (bytes) => decode(StoredRelease, bytes),
    () => (this.#sizes = undefined),
  );
  #sizes: ReadonlyMap<string, number> | undefined;

  constructor(options: ReleasesOptions) {
    this.#o = options;
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#mirror.start(this.#o.nats, 'releases', { log: this.#o.log, signal });
  }

  /** The highest version first. */
  all(): StoredRelease[] {
    return [...this.#mirror.keys()]
      .flatMap((id) => this.get(id) ?? [])
      .sort(({ manifest: a }, { manifest: b }) => compareVersions(b.version, a.version) || (a.platform < b.platform ? -1 : 1));
  }

  /** Whether there is none that cannot be read, so that what no release names is named by none. */
  get allRead(): boolean {
    return [...this.#mirror.keys()].every((id) => this.get(id) !== undefined);
  }

  /** By its id. */
  get(id: string): StoredRelease | undefined {
    const entry = this.#mirror.get(id);
    return entry && 'value' in entry ? entry.value : undefined;
  }

  find(version: string, platform: ReleasePlatform): StoredRelease | undefined {
    return this.get(releaseId({ version, platform }));
  }

  /** The highest version of each platform: what PCs are meant to come to. */
  newest(): StoredRelease[] {
    const found = new Map<ReleasePlatform, StoredRelease>();
    for (const release of this.all()) if (!found.has(release.manifest.platform)) found.set(release.manifest.platform, release);
    return [...found.values()];
  }

  /** How long the file of a release is that has this hash; undefined when no release has it. */
  sizeOf(sha256: string): number | undefined {
    this.#sizes ??= new Map(this.all().flatMap((release) => [...filesOf(release)]));
    return this.#sizes.get(sha256);
  }

  /** Rejects with `release_replayed` unless it is at least as new a signing of its version as the one that is there. */
  async put(release: StoredRelease): Promise<{ release: StoredRelease; before: StoredRelease | undefined }> {
    const id = releaseId(release.manifest);
    for (;;) {
      const { stored, revision } = await this.#stored(id);
      if (stored !== undefined) assertNewer(release, stored);
      // The same again changes nothing.
      if (stored?.envelope.sha256 === release.envelope.sha256) return { release: stored, before: stored };
      try {
        this.#mirror.accept(id, release, await kvCompareAndSet(this.#o.nats, 'releases', id, encode(release), revision));
        return { release, before: stored };
      } catch (error) {
        if (!(error instanceof KanadeError) || error.code !== 'precondition_failed') throw error;
      }
    }
  }

  /** What was there, where that could be read. `not_found`. Its files go with a later sweep. */
  async remove(id: string, signal: AbortSignal): Promise<StoredRelease | undefined> {
    const { stored, revision, deleted } = await this.#stored(id);
    if (deleted) throw new KanadeError('not_found', `there is no release ${id}`);
    await this.#mirror.reached(await kvDelete(this.#o.nats, 'releases', id, revision), signal);
    return stored;
  }

  async #stored(id: string): Promise<{ stored: StoredRelease | undefined; revision: number; deleted: boolean }> {
    const last = await lastOnSubject(this.#o.nats, 'KV_releases', `$KV.releases.${id}`);
    if (last === undefined || last.deleted) return { stored: undefined, revision: last?.revision ?? 0, deleted: true };
    const { revision, fault } = last;
    // What is not signed, or cannot be read, is in nobody's way.
    return { stored: fault === undefined ? readable(last.value) : undefined, revision, deleted: false };
  }
}

function readable(bytes: Uint8Array): StoredRelease | undefined {
  try {
    return decode(StoredRelease, bytes);
  } catch {
    return undefined;
  }
}

function assertNewer({ manifest, envelope }: StoredRelease, stored: StoredRelease): void {
  const there = stored.manifest.serial;
  if (manifest.serial > there || envelope.sha256 === stored.envelope.sha256) return;
  throw new KanadeError(
    'release_replayed',
    `release ${manifest.version} has serial ${manifest.serial}, and one with ${there} is there already`,
  );
}
