import type { ServerOptions } from 'node:http';
import type { Server, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import type { Log } from '#core/contract/log.ts';

/**
 * What one who is not known yet can make this server hold, and for how long. Milliseconds and bytes; measured by
 * tests/integration/http-limits.test.ts and tests/bench/limits.ts.
 */
export interface HttpLimits {
  /** Until the TLS handshake is through. */
  handshake: number;
  /** Until the headers are there. */
  headers: number;
  /** Until the whole request is there. */
  request: number;
  /** The same of an upload, which only those may send who are known. */
  upload: number;
  /** A connection on which nothing moves, in neither direction; event streams say something every 20 s. */
  silence: number;
  /** Between two requests. */
  keepAlive: number;
  /** All headers of one request together. */
  headerBytes: number;
  connections: number;
  /** From one address: a site behind one is many PCs. */
  perAddress: number;
  /** Once an answer is through, for the rest of a body that nobody reads. */
  unread: number;
}

export const HTTP_LIMITS: HttpLimits = {
  handshake: 10_000,
  headers: 15_000,
  request: 60_000,
  upload: 3_600_000,
  silence: 300_000,
  keepAlive: 65_000,
  headerBytes: 16_384,
  connections: 8192,
  perAddress: 4096,
  unread: 5000,
};

/** How often Node looks for requests that take too long. */
const LOOK_EVERY = 2000;
/** Between two lines in the log about connections that are refused. */
const SAY_EVERY = 60_000;

/** For http.createServer. */
export function requestLimits(limits: HttpLimits): ServerOptions {
  return {
    headersTimeout: limits.headers,
    // Node knows one for all requests, and cannot be told which of them is an upload (request-patience.ts).
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAlive,
    maxHeaderSize: limits.headerBytes,
    connectionsCheckingInterval: Math.min(LOOK_EVERY, limits.headers),
  };
}

/** For https.createServer besides. */
export function handshakeLimits(limits: HttpLimits): TlsOptions {
  return { handshakeTimeout: limits.handshake, minVersion: 'TLSv1.2' };
}

interface IdleCloser {
  closeIdleConnections(): void;
}

/**
 * Refuses connections beyond the limits as soon as they come, before a byte is read. When every place is taken those that are
 * only kept alive make room for the next.
 */
export function limitConnections(server: Server & IdleCloser, limits: HttpLimits, log: Pick<Log, 'warn'>, mono: () => number): void {
  const byAddress = new Map<string, number>();
  let open = 0;
  let refused = 0;
  let saidAt = Number.NEGATIVE_INFINITY;
  server.on('connection', (socket: Socket) => {
    const address = networkOf(socket.remoteAddress ?? '');
    const ofAddress = byAddress.get(address) ?? 0;
    if (open >= limits.connections || ofAddress >= limits.perAddress) {
      socket.destroy();
      refused++;
      // Not for one address alone, whose flood would cut everybody else's.
      if (open >= limits.connections) server.closeIdleConnections();
      if (mono() - saidAt < SAY_EVERY) return;
      log.warn({ open, of_this_address: ofAddress, address, refused }, 'too many connections: new ones are refused');
      saidAt = mono();
      refused = 0;
      return;
    }
    open++;
    byAddress.set(address, ofAddress + 1);
    socket.once('close', () => {
      open--;
      const left = byAddress.get(address)! - 1;
      if (left === 0) byAddress.delete(address);
      else byAddress.set(address, left);
    });
  });
}

/** Whoever has one IPv6 address has all of its network. */
export function networkOf(address: string): string {
  const v4 = /^(?:::ffff:)?(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (v4 !== undefined) return v4;
  const [head = '', tail] = address.split('%')[0]!.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - groups.length - after.length)).fill('0');
  return `${[...groups, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}
