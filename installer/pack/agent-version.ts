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
  sign: Sign;
  /** Whose releases this version believes; none where it is to take none. */
  releaseKeys?: readonly string[];
  /** Of what kanade-host.exe is made of. */
  licences?: readonly string[];
}

/** All that lies in `versions\<version>` on a PC: one whole agent. */
export async function agentVersion({ version, node, host, module, sign, releaseKeys, licences }: AgentVersion): Promise<PackFile[]> {
  const made = await programFiles({ program: 'agent', target: 'win32-x64', version, module, releaseKeys, licences });
  const signed = await Promise.all(made.map((file) => (file.name.startsWith('module/') ? file : sign(file))));
  // Node's has the signature of those who make it.
  const files = [...signed, { name: 'node.exe', bytes: node }, { name: 'kanade-host.exe', bytes: host }];
  return [...files, installedFile(version, files)];
}
