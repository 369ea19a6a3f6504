import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KanadeError } from '#core/contract/errors.ts';
import { type AptSource, parseDeb822, parseOneLine, systemSource, withSuite } from './apt-sources.ts';
import { runTool } from './run-tool.ts';

/** Where to look for a newer package than the installed release has, in this order. Debian's suites, then Ubuntu's. */
export const LATER_SUITES = ['testing', 'unstable', 'stable', 'devel'] as const;

/** The archive this machine is installed from; undefined on a machine without apt. */
export async function machineSource(): Promise<AptSource | undefined> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => ''); // no such file: no codename, no Debian
  const codename = /^VERSION_CODENAME="?([^"\n]+)"?$/m.exec(release)?.[1];
  if (codename === undefined) return undefined;
  const folder = '/etc/apt/sources.list.d';
  const names = (await readdir(folder).catch(() => [])).sort(); // apt itself takes a missing folder as empty
  const sources: AptSource[] = [];
  for (const path of ['/etc/apt/sources.list', ...names.map((name) => join(folder, name))]) {
    if (!path.endsWith('.list') && !path.endsWith('.sources')) continue;
    const text = await readFile(path, 'utf8').catch(() => ''); // unreadable for this user, or gone: not a source for them
    sources.push(...(path.endsWith('.list') ? parseOneLine(text) : parseDeb822(text)));
  }
  return systemSource(sources, codename);
}

/**
 * Fetches and unpacks the nats-server package of one suite into `folder`, with apt's own tools (so with its signature checks)
 * and without touching the system: own lists, cache and sources, no hooks, no locks, nothing installed. Returns the program.
 */
export async function fetchPackage(source: AptSource, suite: string, folder: string, signal?: AbortSignal): Promise<string> {
  const apt = join(folder, 'apt');
  const unpacked = join(folder, 'unpacked');
  for (const part of ['lists/partial', 'cache/archives/partial', 'download']) await mkdir(join(apt, part), { recursive: true });
  await writeFile(join(apt, 'kanade.sources'), withSuite(source, suite));
  await writeFile(join(apt, 'apt.conf'), aptConf(apt));
  const run = async (file: string, ...args: string[]) => {
    const { code, stdout, stderr } = await runTool(file, args, { cwd: join(apt, 'download'), signal });
    if (code !== 0) throw new KanadeError('broker_missing', `${file} failed for suite ${suite}: ${(stderr || stdout).trim()}`);
  };
  const config = ['-c', join(apt, 'apt.conf')];
  await run('apt-get', ...config, '-q', 'update');
  await run('apt-get', ...config, '-q', 'download', 'nats-server');
  const [deb] = (await readdir(join(apt, 'download'))).filter((name) => name.endsWith('.deb'));
  if (deb === undefined) throw new KanadeError('broker_missing', `apt-get downloaded no package from suite ${suite}`);
  await run('dpkg-deb', '-x', join(apt, 'download', deb), unpacked);
  return join(unpacked, 'usr', 'sbin', 'nats-server');
}

const HOOKS = [
  'APT::Update::Pre-Invoke',
  'APT::Update::Post-Invoke',
  'APT::Update::Post-Invoke-Success',
  'DPkg::Pre-Invoke',
  'DPkg::Post-Invoke',
  'DPkg::Pre-Install-Pkgs',
];

/** Read after the machine's own configuration, so it can take back what that says. */
function aptConf(apt: string): string {
  const quoted = (value: string) => JSON.stringify(value);
  return [
    ...HOOKS.map((hook) => `#clear ${hook};`),
    `Dir::Etc::sourcelist ${quoted(join(apt, 'kanade.sources'))};`,
    'Dir::Etc::sourceparts "-";',
    // Pins of the machine could forbid the very suite that is asked for.
    'Dir::Etc::preferences "-";',
    'Dir::Etc::preferencesparts "-";',
    `Dir::State ${quoted(apt)};`,
    `Dir::State::lists ${quoted(join(apt, 'lists'))};`,
    'Dir::State::status "/var/lib/dpkg/status";',
    `Dir::Cache ${quoted(join(apt, 'cache'))};`,
    `Dir::Cache::archives ${quoted(join(apt, 'cache', 'archives'))};`,
    'Dir::Cache::pkgcache "";',
    'Dir::Cache::srcpkgcache "";',
    // The user that root's apt would drop to cannot write into a private folder; nobody else has a user to drop to.
    'APT::Sandbox::User "root";',
    'Debug::NoLocking "true";',
    'Acquire::Languages "none";',
    '',
  ].join('\n');
}
