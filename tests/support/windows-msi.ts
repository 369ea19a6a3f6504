import { mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { userCache } from '#backend/broker/binary-cache.ts';
import { messageOf } from '#core/contract/errors.ts';
import { findOnPath } from '#core/process/find-on-path.ts';
import { AGENT_PACKAGE } from '../../installer/msi/agent-package.ts';
import { BACKEND_PACKAGE } from '../../installer/msi/backend-package.ts';
import { buildMsi } from '../../installer/msi/build.ts';
import { type NatsServerExe, natsServerExe } from '../../installer/nats-server/nats-server-exe.ts';
import { agentVersion } from '../../installer/pack/agent-version.ts';
import { backendVersion } from '../../installer/pack/backend-version.ts';
import { edgeFiles } from '../../installer/pack/edge.ts';
import type { PackFile } from '../../installer/pack/files.ts';
import { unsigned } from '../../installer/pack/sign.ts';
import { windowsPrograms } from './windows-host.ts';
import { nodeForWine } from './windows-node.ts';
import { HAS_WINE } from './wine.ts';

const TOOLS = ['wixl', 'msibuild', 'msiinfo'];
const missing = (await Promise.all(TOOLS.map(async (name) => ((await findOnPath(name, process.env.PATH)) ? [] : [name])))).flat();

/** Whether packages of Windows Installer can be made here; what HAS_WINE says of its absence holds here, too. */
export const HAS_MSITOOLS: boolean = missing.length === 0;
if (!HAS_MSITOOLS) {
  const message = `${missing.join(', ')} is missing: the tests of the MSI packages`;
  if (process.env.KANADE_REQUIRE_WINE === '1') throw new Error(`${message} cannot run, and KANADE_REQUIRE_WINE=1 asks for them`);
  process.stderr.write(`\n*** ${message} ARE SKIPPED ***\n\n`);
}
/** And whether they can be installed. */
export const CAN_INSTALL: boolean = HAS_MSITOOLS && HAS_WINE;

/** The backend's package of a version as wine can run it, below `dir`; where there is no nats-server for Windows, why not. */
export async function testBackendMsi(dir: string, version: string): Promise<string | { missing: string }> {
  const host = await readFile((await windowsPrograms()).host);
  let natsServer: NatsServerExe;
  try {
    natsServer = await natsServerExe({ cache: userCache(process.env), say: () => {} });
  } catch (error) {
    return { missing: messageOf(error) };
  }
  const files = await backendVersion({ version, node: await nodeForWine(), host, natsServer, sign: unsigned });
  const folder = await mkdtemp(join(dir, `msi-${version}-`));
  return buildMsi(BACKEND_PACKAGE, { version, files, host, at: new Date('2026-01-01T00:00:00Z'), folder });
}

/** Of the Node that is shipped, and so of another than wine has: an agent that cannot load it. */
let edge: ReturnType<typeof edgeFiles> | undefined;

/** One whole agent as wine can run it, which believes releases that these keys have signed. */
export async function testVersion(version: string, releaseKeys: readonly string[] = []): Promise<PackFile[]> {
  const host = await readFile((await windowsPrograms()).host);
  edge ??= edgeFiles(join(userCache(process.env), 'packages'), unsigned);
  const { files: native } = await edge;
  return agentVersion({ version, node: await nodeForWine(), host, module: [], native, releaseKeys, sign: unsigned });
}

/** The agent's package of a version as wine can run it, below `dir`. */
export async function testMsi(dir: string, version: string, releaseKeys?: readonly string[]): Promise<string> {
  const host = await readFile((await windowsPrograms()).host);
  const files = await testVersion(version, releaseKeys);
  const folder = await mkdtemp(join(dir, `msi-${version}-`));
  return buildMsi(AGENT_PACKAGE, { version, files, host, at: new Date('2026-01-01T00:00:00Z'), folder });
}
