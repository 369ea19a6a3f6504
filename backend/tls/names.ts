import { isIP } from 'node:net';
import { isWildcard } from '#core/settings/listen.ts';

export interface Machine {
  hostname: string;
  /** Of all its network cards. */
  addresses: readonly string[];
}

/**
 * What a certificate of ours has to be for: the names that an admin has given, where it listens, and this machine as it is reached
 * from here. Its own addresses belong to it only when it listens on all of them.
 */
export function neededNames(publicNames: readonly string[], hosts: readonly string[], machine: Machine): string[] {
  const everywhere = hosts.some(isWildcard);
  const names = [
    ...publicNames,
    ...hosts.filter((host) => !isWildcard(host)),
    ...(isHostName(machine.hostname) ? [machine.hostname] : []),
    'localhost',
    '127.0.0.1',
    '::1',
    // Those of one network card alone (fe80::1%eth0) mean nothing to others.
    ...(everywhere ? machine.addresses.filter((address) => isIP(address) !== 0 && !/^fe80:/i.test(address)) : []),
  ];
  return [...new Set(names.map((name) => name.toLowerCase()))];
}

/** A computer's name may hold what no name in a certificate can. */
function isHostName(name: string): boolean {
  return name !== '' && name.length <= 253 && /^[A-Za-z0-9_.-]+$/.test(name);
}
