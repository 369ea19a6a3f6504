import type { NatsServerExe } from '../nats-server/nats-server-exe.ts';
import type { PackFile } from './files.ts';
import { programFiles } from './program-files.ts';
import type { Sign } from './sign.ts';

export interface BackendVersion {
  version: string;
  /** node.exe. */
  node: Uint8Array;
  /** kanade-host.exe, by which secrets are protected, signed. */
  host: Uint8Array;
  natsServer: NatsServerExe;
  sign: Sign;
  /** Whose releases it takes. */
  releaseKeys?: readonly string[];
  /** Of what kanade-host.exe is made of. */
  licences?: readonly string[];
}

/** All that lies in `versions\<version>` of a server: backend and broker. */
export async function backendVersion({
  version,
  node,
  host,
  natsServer,
  sign,
  releaseKeys,
  licences = [],
}: BackendVersion): Promise<PackFile[]> {
  const nats = `nats-server ${natsServer.version}\n\n${natsServer.licence}`;
  const made = await programFiles({
    program: 'backend',
    target: 'win32-x64',
    version,
    module: [],
    releaseKeys,
    licences: [...licences, nats],
  });
  // Node's has the signature of those who make it; nats-server has none.
  const files = [...made, { name: 'nats-server.exe', bytes: natsServer.bytes }];
  return [...(await Promise.all(files.map(sign))), { name: 'node.exe', bytes: node }, { name: 'kanade-host.exe', bytes: host }];
}
