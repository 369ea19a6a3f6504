import type { PackFile } from './files.ts';
import { programFiles } from './program-files.ts';
import { releaseFile } from './release.ts';

export interface AgentVersion {
  version: string;
  /** node.exe. */
  node: Uint8Array;
  /** kanade-host.exe, which scripts are run by. */
  host: Uint8Array;
  /** The PowerShell module as it is installed. */
  module: readonly PackFile[];
}

/** All that lies in `versions\<version>` on a PC: one whole agent. */
export async function agentVersion({ version, node, host, module }: AgentVersion): Promise<PackFile[]> {
  const files = await programFiles({ program: 'agent', target: 'win32-x64', version, module });
  files.push({ name: 'node.exe', bytes: node }, { name: 'kanade-host.exe', bytes: host });
  return [...files, releaseFile(version, files)];
}
