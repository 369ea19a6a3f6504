import { readFile } from 'node:fs/promises';
import { parseDurationWithin } from '#core/contract/duration.ts';
import { publicTextOf, releaseKeyFrom } from '#core/release/envelope.ts';
import { readReleaseKeys } from '#core/release/release-keys.ts';
import type { ReleaseSigning } from './signed-release.ts';

export interface ReleaseSigningOptions {
  /** Files with private keys, in PEM. */
  keys: readonly string[];
  /** File with the public ones that are believed; default: those that belong to `keys`. */
  list: string | undefined;
  /** A duration. */
  expires: string;
}

const DAY = 86_400;

export async function releaseSigning(
  { keys: paths, list, expires }: ReleaseSigningOptions,
  now: number,
): Promise<{ release: ReleaseSigning | undefined; releaseKeys: string[] }> {
  const lasts = parseDurationWithin('--release-expires', expires, DAY, 366 * DAY) * 1000;
  const keys = await Promise.all(paths.map(async (path) => releaseKeyFrom(await readFile(path, 'utf8'))));
  const releaseKeys = list === undefined ? keys.map(publicTextOf) : await readReleaseKeys(list);
  if (list !== undefined && releaseKeys.length === 0) throw new Error(`${list} holds no public key`);
  return { release: keys.length === 0 ? undefined : { keys, now, lasts }, releaseKeys };
}

/** What it means that there is no key, for whoever packs; undefined when all is well. Pure. */
export function withoutKey(release: ReleaseSigning | undefined, releaseKeys: readonly string[]): string | undefined {
  if (releaseKeys.length === 0)
    return 'WITHOUT A RELEASE KEY: agents of these packages take no updates, ever, but by other packages. Before they go onto PCs make a key, and pack with --release-key (docs/deploy.md, "Releases of the agent")';
  return release === undefined ? 'without --release-key no release was made by which agents update themselves' : undefined;
}
