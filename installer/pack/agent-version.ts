import type { PackFile } from './files.ts';
import { programFiles } from './program-files.ts';
import { installedFile } from './release.ts';
import type { Sign } from './sign.ts';

export interface AgentVersion {
  version: string;
  /** node.exe. */
  node: Uint8Array;
  /** kanade-host.exe, which scripts are run by, signed. */
  host: Uint8Array;
  /** The PowerShell module as it is installed, signed. */
  module: readonly PackFile[];
  /** edge-js and Kanade.Native.dll, signed; without them the agent does without .NET. */
  native?: readonly PackFile[];
  sign: Sign;
  /** Whose releases this version believes; none where it is to take none. */
  releaseKeys?: readonly string[];
  /** Of what kanade-host.exe is made of, and of edge-js. */
  licences?: readonly string[];
}

/** All that lies in `versions\<version>` on a PC: one whole agent. */
export async function agentVersion(made: AgentVersion): Promise<PackFile[]> {
  const { version, node, host, module, native = [], sign, releaseKeys, licences } = made;
  const program = await programFiles({ program: 'agent', target: 'win32-x64', version, module, releaseKeys, licences });
  const signed = await Promise.all(program.map((file) => (file.name.startsWith('module/') ? file : sign(file))));
  // Node's has the signature of those who make it.
  const files = [
    ...signed,
    ...native.map((file) => ({ ...file, name: `native/${file.name}` })),
    { name: 'node.exe', bytes: node },
    { name: 'kanade-host.exe', bytes: host },
  ];
  return [...files, installedFile(version, files)];
}
