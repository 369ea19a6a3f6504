import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KanadeError } from '#core/contract/errors.ts';
import type { Kept } from '#core/files/state-file.ts';
import type { ReleaseSource } from '#core/release/release-source.ts';
import type { Heard } from '../intake/heard.ts';
import type { Known, UpdateOptions } from '../options.ts';
import type { Turns } from '../run/turns.ts';
import { layRelease, readRelease, type TakeRelease } from './take-release.ts';
import type { UpdateState } from './update-state.ts';
import { Updates, type UpdatesParts } from './updates.ts';

/** The updates of an agent, as its options say; without any it takes none. */
export function updatesOf(
  { version: own, updates: options, platform, apis, log }: Known,
  { state, turns, clock, heard }: { state: Kept<UpdateState>; turns: Turns; clock: () => number; heard: Pick<Heard, 'atLeast'> },
): Updates {
  const parts: UpdatesParts = { own, state, turns, log };
  if (options === undefined) return new Updates(parts);
  // A broker that turns its clock back revives no release that has expired: a backend has signed, or the server said, that it is later.
  const now = () => Math.max(clock(), heard.atLeast);
  const from: TakeRelease = { ...options, own, now, source: () => sourceAt(options, apis()) };
  return new Updates({
    ...parts,
    under: {
      host: options.host,
      release: (update, seen, signal) => readRelease(from, update, seen, signal),
      stage: (manifest, signal) => layRelease(from, manifest, signal),
      remove: (version) => rm(join(options.versionsFolder, version), { recursive: true, force: true, maxRetries: 5 }),
      // Where nobody can tell it costs nothing.
      costs: async () => !options.onMetered() && (await platform.metered()) === true,
    },
  });
}

function sourceAt(options: UpdateOptions, at: ReturnType<Known['apis']>): ReleaseSource {
  if (at.urls.length === 0) throw new KanadeError('server_unreachable', 'it is not known on this PC where the server is');
  return options.source(at);
}
