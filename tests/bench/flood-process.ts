import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { endWithParent, tellParent } from '#core/process/end-with-parent.ts';

/** Somebody who means no good: connections that are opened as fast as they can be, and held. */
export interface Flood {
  port: number;
  connections: number;
  /** Says nothing at all; only shakes hands; sends headers, or a body, byte by byte. */
  kind: 'silent' | 'handshake' | 'headers' | 'body';
  /** The server greets first, as NATS does. */
  greets: boolean;
}

const DRIP_EVERY = 1000;
/** Being opened at once: the backlog of a listener is short. */
const WIDTH = 200;

const flood = JSON.parse(process.argv[2]!) as Flood;
const signal = endWithParent();
const HEAD = 'POST /api/v1/enrol HTTP/1.1\r\nHost: localhost\r\n';

async function open(): Promise<void> {
  const plain = connect({ host: '127.0.0.1', port: flood.port });
  plain.on('error', () => {});
  const tried = new Promise<void>((resolve) => {
    plain.once('connect', () => resolve());
    plain.once('close', () => resolve());
  });
  await tried;
  if (flood.kind === 'silent') return;
  const begin = () => {
    const socket = connectTls({ socket: plain, rejectUnauthorized: false });
    socket.on('error', () => {});
    if (flood.kind !== 'handshake') socket.once('secureConnect', () => drip(socket));
  };
  if (flood.greets) plain.once('data', begin);
  else begin();
}

function drip(socket: Socket): void {
  socket.write(flood.kind === 'headers' ? HEAD : `${HEAD}Content-Type: application/json\r\nContent-Length: 30000\r\n\r\n`);
  const timer = setInterval(() => socket.write(flood.kind === 'headers' ? 'X-A: b\r\n' : ' '), DRIP_EVERY);
  socket.once('close', () => clearInterval(timer));
}

for (let left = flood.connections; left > 0; left -= WIDTH) await Promise.all(Array.from({ length: Math.min(WIDTH, left) }, open));
tellParent({ type: 'ready' });
signal.addEventListener('abort', () => process.exit(0), { once: true });
