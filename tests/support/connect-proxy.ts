import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, TLSSocket } from 'node:tls';
import type { Pair } from '#backend/tls/authority.ts';

export interface ConnectProxyOptions {
  /** Whoever does not say this (`user:password`) is answered 407. */
  credentials?: string;
  /** Opens what goes through, as such boxes do, and shows this certificate in place of the server's. */
  intercept?: Pair;
  /** Takes connections and never answers. */
  silent?: boolean;
}

/** A proxy as companies have them: it takes CONNECT, and nothing else. */
export interface ConnectProxy extends AsyncDisposable {
  url: string;
  /** The first line of each request. */
  asked: string[];
  /** Every byte that came from those who use it, their requests included: what a proxy could read. */
  seen(): string;
  /** Connections that are open to it. */
  open(): number;
}

export async function connectProxy({ credentials, intercept, silent = false }: ConnectProxyOptions = {}): Promise<ConnectProxy> {
  const asked: string[] = [];
  const seen: Buffer[] = [];
  const sockets = new Set<Duplex>();
  const clients = new Set<Socket>();
  const keep = <T extends Duplex>(socket: T): T => {
    sockets.add(socket);
    return socket.on('error', () => socket.destroy()).once('close', () => sockets.delete(socket)) as T;
  };
  const server = createServer((request, response) => {
    asked.push(lineOf(request));
    response.writeHead(405, { connection: 'close' }).end('CONNECT only');
  });
  server.on('connection', (socket: Socket) => {
    clients.add(keep(socket).on('data', (bytes) => seen.push(bytes)));
    socket.once('close', () => clients.delete(socket));
  });
  server.on('connect', (request: IncomingMessage, client: Duplex) => {
    asked.push(lineOf(request));
    if (silent) {
      client.on('end', () => client.destroy()).resume();
      return;
    }
    const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
    if (request.headers['proxy-authorization'] !== expected) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="company"\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const plain = keep(connect(Number(port), hostname));
    const upstream = intercept === undefined ? plain : keep(connectTls({ socket: plain, rejectUnauthorized: false }));
    upstream.once(intercept === undefined ? 'connect' : 'secureConnect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      const inside = intercept === undefined ? client : keep(new TLSSocket(client, { isServer: true, ...intercept }));
      if (inside !== client) inside.on('data', (bytes: Buffer) => seen.push(bytes));
      inside.pipe(upstream).pipe(inside);
      inside.once('close', () => upstream.destroy());
    });
    upstream.once('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    open: () => clients.size,
    seen: () => Buffer.concat(seen).toString('latin1'),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function lineOf({ method, url }: IncomingMessage): string {
  return `${method} ${url}`;
}
