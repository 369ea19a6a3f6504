import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { setGlobalProxyFromEnv } from 'node:http';
import { join } from 'node:path';
import { KanadeError } from '#core/contract/errors.ts';
import { runCommand } from '#core/process/run-command.ts';
import { runTool } from './run-tool.ts';

/** One archive of the official release. */
export interface Release {
  version: string;
  /** The archive's name without its extension, which is also the folder inside it. */
  name: string;
  archive: string;
  sha256: string;
}

const VERSION = '2.15.0';

/** SHA-256 of each archive of nats-server 2.15.0, as that release's SHA256SUMS has them. By Node's platform and architecture. */
const SHA256: Record<string, string> = {
  'linux-x64': '5d2c51caca950333aba84911df7d377f826f3a59ec36061c6539105084f65c92',
  'linux-arm64': 'cdc208f5a3f42963a52b6ab06ef65626bb870315dc936e26ba571780c6351112',
  'darwin-x64': '5bd8b59ca5bf93fab3da2c5843cf564cd6e2e291e22ae3b861746e7ebe259b95',
  'darwin-arm64': 'e1c4e22d70bd44abfa0bcb3c16f7cf0c66f648c2e728c58924e8a1ce88913cc8',
  'win32-x64': '2d0861dc2ca3567d17f7d19611d7b346cc2ccbd7086a0a77cc957a2c71663200',
  'win32-arm64': 'd468fa3f0ac953bed2219e37a2b5977d87cb8d705d5bbdc70b9f960e12fb7c38',
};

/** The release for a platform, undefined when there is none for it. */
export function releaseFor(platform: NodeJS.Platform, arch: string): Release | undefined {
  const sha256 = SHA256[`${platform}-${arch}`];
  if (sha256 === undefined) return undefined;
  const name = `nats-server-v${VERSION}-${platform === 'win32' ? 'windows' : platform}-${arch === 'x64' ? 'amd64' : arch}`;
  return { version: VERSION, name, archive: `${name}.${platform === 'win32' ? 'zip' : 'tar.gz'}`, sha256 };
}

export const RELEASES_URL = 'https://github.com/nats-io/nats-server/releases/download';

interface ReleaseOptions {
  from?: string;
  signal?: AbortSignal | undefined;
}

/**
 * Downloads and unpacks the release into `folder` and returns the program. Nothing is unpacked, so nothing can run, before
 * its hash has been found right.
 */
export async function fetchRelease(release: Release, folder: string, options: ReleaseOptions = {}): Promise<string> {
  const { signal } = options;
  // Windows' own tar, which also reads zip: another one may come first on PATH, and does not.
  const args = ['-xf', await downloadRelease(release, folder, options), '-C', folder];
  const { code, stderr } =
    process.platform === 'win32'
      ? await runCommand(join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'tar.exe'), args, { signal })
      : await runTool('tar', args, { signal });
  if (code !== 0) throw new KanadeError('broker_missing', `${release.archive} cannot be unpacked: ${stderr.trim()}`);
  return join(folder, release.name, process.platform === 'win32' ? 'nats-server.exe' : 'nats-server');
}

/** The archive as it is, in `folder`, once its hash has been found right. */
export async function downloadRelease(release: Release, folder: string, options: ReleaseOptions = {}): Promise<string> {
  const url = `${options.from ?? RELEASES_URL}/v${release.version}/${release.archive}`;
  const bytes = await download(url, options.signal);
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== release.sha256) throw new KanadeError('broker_missing', `${url} has SHA-256 ${actual}, expected ${release.sha256}`);
  const archive = join(folder, release.archive);
  await mkdir(folder, { recursive: true });
  await writeFile(archive, bytes);
  return archive;
}

/** Through the proxy that the environment names (HTTPS_PROXY, NO_PROXY): fetch passes over it unless it is told. */
async function download(url: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const asBefore = setGlobalProxyFromEnv();
  try {
    const response = await fetch(url, { signal });
    if (!response.ok) throw new KanadeError('broker_missing', `${url} answered ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } finally {
    asBefore();
  }
}
