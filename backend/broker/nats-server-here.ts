import { existsSync } from 'node:fs';
import { KanadeError } from '#core/contract/errors.ts';
import { NATS_SERVER } from '#core/installation.ts';
import { allOnPath } from '#core/process/find-on-path.ts';
import { type BrokerBinary, cachedBinary, userCache } from './binary-cache.ts';
import { binaryVersion, isNewEnough, OLDEST_BROKER } from './version.ts';

/**
 * The nats-server that is here: the one that was installed with us, the one on PATH, or, in a clone, the one that was fetched earlier.
 * A service fetches no programs, and one of Windows, which is SYSTEM, takes none from PATH, where users may own a folder:
 * `broker_missing`.
 */
export async function natsServerHere(
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  { installed = NATS_SERVER, platform = process.platform }: { installed?: string | undefined; platform?: NodeJS.Platform } = {},
): Promise<string> {
  if (installed !== undefined && existsSync(installed)) return installed;
  if (installed !== undefined && platform === 'win32') {
    throw new KanadeError('broker_missing', `${installed} is not there: repair the package, and see whether an antivirus took it away`);
  }
  const tried: string[] = [];
  const found =
    (await binaryOnPath(env, tried, signal)) ?? (installed === undefined ? await cachedBinary(userCache(env), signal) : undefined);
  if (found !== undefined) return found.path;
  throw new KanadeError(
    'broker_missing',
    `nats-server ${OLDEST_BROKER} or newer is needed: install it so that it is on PATH. ${tried.join('; ')}`,
  );
}

export async function binaryOnPath(env: NodeJS.ProcessEnv, tried: string[], signal?: AbortSignal): Promise<BrokerBinary | undefined> {
  const name = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';
  for await (const path of allOnPath(name, env.PATH ?? env.Path)) {
    const version = await binaryVersion(path, signal);
    if (version !== undefined && isNewEnough(version)) return { path, version };
    tried.push(`${path}: ${version === undefined ? 'does not run' : `version ${version} is too old`}`);
  }
  if (tried.length === 0) tried.push('PATH: no nats-server on it');
  return undefined;
}
