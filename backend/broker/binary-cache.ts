import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { binaryVersion, compareVersions, isNewEnough, parseVersion } from './version.ts';

/** The folder of this user where fetched programs are kept, so that every clone and every run finds them again. */
export function userCache(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'kanade', 'cache');
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kanade');
}

const EXE = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
const PREFIX = 'nats-server-';
const suffix = `-${process.platform}-${process.arch}`;

export interface BrokerBinary {
  path: string;
  version: string;
}

/** The newest nats-server in the cache that is new enough and runs here. */
export async function cachedBinary(cache: string, signal?: AbortSignal): Promise<BrokerBinary | undefined> {
  const names = await readdir(cache).catch(() => []); // no cache yet is an empty one
  const versions = names
    .filter((name) => name.startsWith(PREFIX) && name.endsWith(suffix))
    .map((name) => name.slice(PREFIX.length, -suffix.length))
    .filter(isNewEnough)
    .sort((a, b) => compareVersions(parseVersion(b)!, parseVersion(a)!));
  for (const version of versions) {
    const path = join(cache, `${PREFIX}${version}${suffix}`, EXE);
    if ((await binaryVersion(path, signal)) === version) return { path, version };
  }
  return undefined;
}

/**
 * Runs `fetch` in a folder of its own inside the cache and keeps the program it returns. What another process kept
 * meanwhile wins: the rename fails, and that one is as good. Undefined when what was fetched is too old or does not run here.
 */
export async function keepInCache(
  cache: string,
  fetch: (folder: string) => Promise<string>,
  signal?: AbortSignal,
): Promise<BrokerBinary | undefined> {
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, '.fetch-'));
  try {
    const fetched = await fetch(folder);
    const version = await binaryVersion(fetched, signal);
    if (version === undefined || !isNewEnough(version)) return undefined;
    const ready = join(folder, 'ready');
    await mkdir(ready);
    await copyFile(fetched, join(ready, EXE));
    await chmod(join(ready, EXE), 0o755);
    const kept = join(cache, `${PREFIX}${version}${suffix}`);
    const path = join(kept, EXE);
    if ((await binaryVersion(path, signal)) === version) return { path, version };
    await rm(kept, { recursive: true, force: true });
    await rename(ready, kept).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST' && error.code !== 'EPERM') throw error;
    });
    return (await binaryVersion(path, signal)) === version ? { path, version } : undefined;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
