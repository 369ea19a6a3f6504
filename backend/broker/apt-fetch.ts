import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KanadeError } from '#core/contract/errors.ts';
import type { CommandOutput } from '#core/process/run-command.ts';
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

/** Fetches and unpacks the nats-server package of one suite into `folder`. Returns the program. */
export async function fetchPackage(source: AptSource, suite: string, folder: string, signal?: AbortSignal): Promise<string> {
  const unpacked = await fetchPackages(await openSuite(source, suite, folder, signal), ['nats-server'], join(folder, 'unpacked'), signal);
  return join(unpacked, 'usr', 'sbin', 'nats-server');
}

/** One suite of the machine's archive, as apt's own tools see it without touching the system. */
export interface OpenSuite {
  suite: string;
  /** Its sources, lists and cache. */
  apt: string;
}

/**
 * Reads what a suite has, with apt's own tools (so with their signature checks): own lists, cache and sources below `folder`, no hooks,
 * no locks, nothing installed.
 */
export async function openSuite(source: AptSource, suite: string, folder: string, signal?: AbortSignal): Promise<OpenSuite> {
  const apt = join(folder, 'apt');
  for (const part of ['lists/partial', 'cache/archives/partial', 'download']) await mkdir(join(apt, part), { recursive: true });
  await writeFile(join(apt, 'kanade.sources'), withSuite(source, suite));
  await writeFile(join(apt, 'apt.conf'), aptConf(apt));
  const open = { suite, apt };
  await runApt(open, 'apt-get', ['-q', 'update'], signal);
  return open;
}

/** Fetches packages, these and no others, and unpacks them into `unpacked`. */
export async function fetchPackages(open: OpenSuite, names: readonly string[], unpacked: string, signal?: AbortSignal): Promise<string> {
  const folder = join(open.apt, 'download');
  await runApt(open, 'apt-get', ['-q', 'download', ...names], signal);
  const debs = (await readdir(folder)).filter((name) => name.endsWith('.deb'));
  if (debs.length < names.length)
    throw new KanadeError('broker_missing', `apt-get downloaded ${debs.length} of ${names.length} packages from suite ${open.suite}`);
  for (const deb of debs) assertRun(open, 'dpkg-deb', await runTool('dpkg-deb', ['-x', join(folder, deb), unpacked], { signal }));
  return unpacked;
}

/** What apt-get or apt-cache prints of a suite. */
export async function runApt(
  open: OpenSuite,
  tool: 'apt-get' | 'apt-cache',
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string> {
  const config = ['-c', join(open.apt, 'apt.conf')];
  return assertRun(open, tool, await runTool(tool, [...config, ...args], { cwd: join(open.apt, 'download'), signal }));
}

function assertRun({ suite }: OpenSuite, tool: string, { code, stdout, stderr }: CommandOutput): string {
  if (code !== 0) throw new KanadeError('broker_missing', `${tool} failed for suite ${suite}: ${(stderr || stdout).trim()}`);
  return stdout;
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
