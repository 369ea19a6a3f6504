import type { NetworkInterfaceInfo } from 'node:os';
import { isLoopback } from '#core/contract/loopback.ts';

/** What the host is told of a version that runs: it keeps a new one by that, or takes the one before it back (docs/windows-host.md). */
export type Health = 'healthy connected' | 'healthy offline' | 'unproven';

/** How it stands with the connection of an agent whose folder is open. */
export interface Reach {
  connected: boolean;
  /** Whether there is a network over which a server could be reached. */
  network: boolean;
  /** Whether one of the servers takes connections at all. */
  answers: boolean;
  /** Milliseconds for which the network has been there and no server has. */
  unansweredFor: number;
}

/** Milliseconds after which it is this agent's fault that no server answers: it may well look for them in the wrong place. */
export const SERVERS_AWAY_AT_MOST = 30 * 60_000;

/**
 * Only what is proven to be bad is taken back: without a network nobody can tell, and a server that is away for a while is no
 * fault of a version either. A server that answers and does not let this agent in is, for it let in the one before. Pure.
 */
export function judgeHealth({ connected, network, answers, unansweredFor }: Reach): Health {
  if (connected) return 'healthy connected';
  if (!network) return 'unproven';
  return answers || unansweredFor >= SERVERS_AWAY_AT_MOST ? 'healthy offline' : 'unproven';
}

/** Whether one of these servers could be reached over one of these interfaces; `servers` as nats:// and tls:// URLs with commas between. Pure. */
export function hasNetwork(servers: string, interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): boolean {
  const beyond = Object.values(interfaces).some((addresses) => addresses?.some(isBeyond));
  return beyond || servers.split(',').some((server) => URL.canParse(server) && isLoopback(new URL(server).hostname));
}

/** Not an address that a PC gives itself when nobody else does. */
function isBeyond({ internal, address }: NetworkInterfaceInfo): boolean {
  return !internal && !address.startsWith('169.254.') && !/^fe[89ab]/i.test(address);
}
