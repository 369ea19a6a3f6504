import type { TlsOptions } from 'nats';
import { KanadeError } from '#core/contract/errors.ts';
import { isLoopback } from '#core/contract/loopback.ts';
import { identityCheck, OLDEST_TLS, trusting } from '#core/tls/trust.ts';

/** The port of HTTPS: firewalls that look into it cut what does not begin with a TLS handshake, which NATS otherwise does not. */
const HTTPS_PORT = '443';

/**
 * What the library is told when a server is a `tls://` one: then none of them is spoken to in the clear, whatever it says of
 * itself. `listen_not_loopback` when one beyond loopback would be. `ca` is asked at each connect. `first`: without waiting for the server's greeting.
 */
export function tlsOptions(servers: readonly string[], ca: () => string | undefined, first?: boolean): TlsOptions | undefined {
  const urls = servers.map((server) => new URL(server));
  if (!urls.some((url) => url.protocol === 'tls:')) {
    const clear = urls.find((url) => !isLoopback(url.hostname));
    if (clear === undefined) return undefined;
    throw new KanadeError('listen_not_loopback', `${clear.href} is beyond loopback and not tls://: nothing is sent there in the clear`);
  }
  const options = {
    get ca() {
      return trusting({ ca: ca() }).ca;
    },
    minVersion: OLDEST_TLS,
    checkServerIdentity: identityCheck(urls.map((url) => url.hostname.replace(/^\[|\]$/g, ''))),
    handshakeFirst: first ?? urls.every((url) => url.port === HTTPS_PORT),
  };
  // The library hands all of it on to node:tls, of which its own type knows a part.
  return options as unknown as TlsOptions;
}
