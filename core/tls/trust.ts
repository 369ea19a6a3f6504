import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, getCACertificates, type PeerCertificate } from 'node:tls';
import { KanadeError, messageOf } from '#core/contract/errors.ts';

/** Whose certificates a client of ours takes. */
export interface Trust {
  /** PEM of the only CAs that count; undefined = those that this machine trusts. */
  ca: string | undefined;
}

/** What stands in such a file now: it may be replaced under way. `certificate_unreadable` when it cannot be read. */
export function readCa(file: string | undefined): string | undefined {
  try {
    return file === undefined ? undefined : readFileSync(file, 'utf8');
  } catch (cause) {
    throw new KanadeError('certificate_unreadable', `the CA cannot be read: ${messageOf(cause)}`, { cause });
  }
}

export const OLDEST_TLS = 'TLSv1.2';

/** For tls.connect and https.request. What Node brings along and what the system knows are both trusted: company CAs are in the latter. */
export function trusting({ ca }: Trust): Pick<ConnectionOptions, 'ca' | 'minVersion' | 'rejectUnauthorized'> {
  return {
    ca: ca ?? [...getCACertificates('default'), ...getCACertificates('system')],
    minVersion: OLDEST_TLS,
    rejectUnauthorized: true,
  };
}

/**
 * Node asks for `localhost` when a socket was connected by address and is told no name. Then the certificate has to be for one of
 * the addresses that were meant.
 */
export function identityCheck(hosts: readonly string[]): (host: string, certificate: PeerCertificate) => Error | undefined {
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  return (host, certificate) => {
    if (host !== 'localhost' || addresses.length === 0 || hosts.includes('localhost')) return checkServerIdentity(host, certificate);
    const faults = addresses.map((address) => checkServerIdentity(address, certificate));
    return faults.includes(undefined) ? undefined : faults[0];
  };
}
