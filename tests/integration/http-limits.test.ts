import { once } from 'node:events';
import { open, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { object, string } from 'superstruct';
import { afterAll, expect, test } from 'vitest';
import type { HttpParts } from '#backend/http/context.ts';
import { networkOf } from '#backend/http/limits.ts';
import { OPEN_BODY_MAX } from '#backend/http/read-body.ts';
import { route } from '#backend/http/route.ts';
import { listenHttp } from '#backend/http/server.ts';
import { Downloads } from '#backend/releases/downloads.ts';
import { ServerTls } from '#backend/tls/server-tls.ts';
import { exchange } from '#core/http/exchange.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

const signal = AbortSignal.timeout(110_000);
const all = new AsyncDisposableStack();
afterAll(() => all.disposeAsync());
const dir = all.use(await tempDir()).path;
const settings = { mode: 'on', files: undefined, ca: undefined, publicNames: [] } as const;
const tls = all.use(await ServerTls.open({ dataDir: dir, settings, hosts: [], log: quietLog }));
const warned: object[] = [];
const log = { ...quietLog, warn: (fields: object) => void warned.push(fields) };
/** As in production but for their size. */
const limits = {
  handshake: 300,
  headers: 400,
  request: 800,
  upload: 1500,
  silence: 1500,
  keepAlive: 5000,
  connections: 20,
  perAddress: 12,
  unread: 200,
};
const LONG = 30_000_000;
const listen = { host: '127.0.0.1', port: 0 };
const parts = {
  log: quietLog,
  newId: () => 'r1',
  projection: { status: () => ({ streams: {} }) },
  agents: { all: () => [] },
  tokens: { ready: true, find: (text: string) => (text === 'known' ? { name: 'known', role: 'admin' } : undefined) },
};
let now = 0;
const downloadLimits = { all: 1, perAddress: 1, patience: 500, slow: 65_536, grace: 30_000 };
let downloads = new Downloads(() => now, downloadLimits);

const routes = [
  route({
    method: 'POST',
    path: '/open',
    scope: undefined,
    summary: 'Takes a text',
    body: object({ text: string() }),
    status: 204,
    handler: () => ({}),
  }),
  route({
    method: 'POST',
    path: '/upload',
    scope: 'admin',
    summary: 'Takes what is long',
    uploads: 'application/octet-stream',
    status: 204,
    handler: async ({ upload }) => {
      for await (const _ of upload);
      return {};
    },
  }),
  route({
    method: 'GET',
    path: '/file',
    scope: undefined,
    summary: 'Gives what is long',
    produces: ['application/octet-stream'],
    status: 200,
    handler: async () => {
      const download = downloads.enter('');
      const handle = await open(join(dir, 'long'));
      return { file: { type: 'application/octet-stream', size: LONG, handle, download } };
    },
  }),
  route({ method: 'GET', path: '/healthz', scope: undefined, summary: 'Lives', status: 204, handler: () => ({}) }),
];

async function serving(secure: boolean) {
  const http = await listenHttp({ listen, ...(secure ? { tls } : {}), dataDir: dir, open: true, reason: () => '', limits, log, signal });
  http.serve(routes, parts as unknown as HttpParts);
  all.use(http);
  return { url: http.url, port: Number(new URL(http.url).port) };
}

const plain = await serving(false);
const secure = await serving(true);

async function dial(port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

async function dialTls(localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connectTls({ socket: await dial(secure.port, localAddress), host: '127.0.0.1', ca: tls.ca });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

/** Milliseconds until the other side closes, and what it said before. */
async function closes(socket: Socket): Promise<{ after: number; said: string }> {
  const began = performance.now();
  let said = '';
  socket.on('data', (data) => (said += data));
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
  return { after: performance.now() - began, said };
}

/** Over a connection that nobody reads yet. */
async function asksForFile(): Promise<Socket> {
  const socket = await dialTls();
  socket.pause();
  socket.write('GET /file HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  return socket;
}

const alive = async () => (await exchange({ method: 'GET', url: new URL('/healthz', secure.url), ca: tls.ca, signal })).status;

test('who connects and says nothing is cut, before the handshake and after it', async () => {
  expect((await closes(await dial(secure.port))).after).toBeLessThan(3000);
  expect((await closes(await dial(plain.port))).after).toBeLessThan(3000);
  expect((await closes(await dialTls())).after).toBeLessThan(3000);
});

test('headers that come drop by drop are cut', async () => {
  const socket = await dialTls();
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n');
  const drip = setInterval(() => socket.write('X-A: b\r\n'), 50);
  const { after, said } = await closes(socket);
  clearInterval(drip);
  expect(after).toBeLessThan(3000);
  expect(said).toMatch(/^HTTP\/1.1 408/);
});

test('a body that comes drop by drop is cut', async () => {
  const socket = await dialTls();
  socket.write('POST /open HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n');
  const drip = setInterval(() => socket.write(' '), 50);
  const { after } = await closes(socket);
  clearInterval(drip);
  expect(after).toBeLessThan(4000);
});

test('an upload of somebody who is known may take longer, and not for ever', async () => {
  const begin = async (token: string) => {
    const socket = await dialTls();
    const head = `POST /upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/octet-stream\r\n`;
    socket.write(`${head}Content-Length: 40\r\n\r\n`);
    return socket;
  };
  const drip = async (socket: Socket, most: number) => {
    let sent = 0;
    const timer = setInterval(() => sent++ < most && socket.write('x'), 25);
    const { said } = await closes(socket).finally(() => clearInterval(timer));
    return said;
  };
  expect(await drip(await begin('known'), 20)).toBe('');
  const slow = await begin('known');
  slow.once('data', () => slow.end());
  // 40 times 25 ms are longer than another request may take.
  expect(await drip(slow, 40)).toMatch(/^HTTP\/1.1 204/);
  const unknown = await begin('unknown');
  expect(await drip(unknown, 40)).toMatch(/^HTTP\/1.1 401/);
});

test('whoever does not read a long file is cut, and takes nobody place for longer', async () => {
  await writeFile(join(dir, 'long'), Buffer.alloc(LONG));
  const socket = await asksForFile();
  await until('its place is taken', () => downloads.open === 1);
  await until('its place is left', () => downloads.open === 0);
  const { said } = await closes(socket);
  expect(said).toMatch(/^HTTP\/1.1 200/);
  expect(said.length).toBeLessThan(LONG);
});

test('whoever hardly reads a long file is cut for one who does, once no place is free', async () => {
  await writeFile(join(dir, 'long'), Buffer.alloc(LONG));
  downloads = new Downloads(() => now, { ...downloadLimits, perAddress: 2, patience: 60_000 });
  const slow = await asksForFile();
  await once(slow, 'readable');
  expect((await closes(await asksForFile())).said).toMatch(/^HTTP\/1.1 503/);
  // All of the file in that time would be slow, too.
  now += 600_000;
  expect((await closes(await asksForFile())).said.length).toBeGreaterThan(LONG);
  expect((await closes(slow)).said.length).toBeLessThan(LONG);
});

test('headers without end are refused', async () => {
  for (const flood of ['X-A: b\r\n'.repeat(10_000), `X-A: ${'b'.repeat(100_000)}\r\n`]) {
    const socket = await dialTls();
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n');
    socket.write(flood);
    const { after, said } = await closes(socket);
    expect(after).toBeLessThan(1000);
    // Whoever still sends may hear of the end before the answer.
    expect(said).toMatch(/^(?:HTTP\/1.1 431|$)/);
  }
  expect(await alive()).toBe(204);
});

test('a body of somebody unknown may be small only, whatever its length is said to be', async () => {
  const post = (body: string) =>
    exchange({
      method: 'POST',
      url: new URL('/open', secure.url),
      headers: { 'content-type': 'application/json' },
      body,
      ca: tls.ca,
      signal,
    });
  expect((await post(JSON.stringify({ text: 'x'.repeat(1000) }))).status).toBe(204);
  expect(await post(JSON.stringify({ text: 'x'.repeat(OPEN_BODY_MAX) }))).toMatchObject({ status: 413 });
});

test('a body without end is answered, and cut soon after', async () => {
  const socket = await dialTls();
  socket.write('POST /open HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n');
  const chunk = `4000\r\n${' '.repeat(0x4000)}\r\n`;
  const pour = setInterval(() => socket.write(chunk), 10);
  const { after, said } = await closes(socket);
  clearInterval(pour);
  expect(said).toMatch(/^HTTP\/1.1 413/);
  expect(after).toBeLessThan(2000);
});

test('connections beyond the limit are refused at once, those that are there go on, and there is room again when they end', async () => {
  await until('there is room', async () => (await alive()) === 204);
  warned.length = 0;
  const kept = await dialTls();
  // Known before the others come: what it sends is answered.
  const sockets = await Promise.all(Array.from({ length: 30 }, () => dial(secure.port)));
  const closed = sockets.map((socket) => closes(socket));
  const first = await Promise.race(closed);
  expect(first.after).toBeLessThan(250);
  kept.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [answer] = (await once(kept, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 204/);
  expect(warned).toEqual([expect.objectContaining({ address: '127.0.0.1', of_this_address: limits.perAddress })]);
  await Promise.all(closed);
  await until('there is room again', async () => (await alive()) === 204);
});

/** A connection that has been used and is kept alive. */
async function idleFrom(address: string): Promise<Socket> {
  const socket = await dialTls(address);
  socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  return socket;
}

test.runIf(process.platform === 'linux')('a flood from one address cuts nobody else off, and makes no room for itself', async () => {
  const other = await idleFrom('127.0.0.2');
  const flood = await Promise.all(Array.from({ length: 20 }, () => dial(secure.port)));
  await Promise.race(flood.map(closes));
  other.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [answer] = (await once(other, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1.1 204/);
  await Promise.all([...flood.map((socket) => socket.destroyed || closes(socket)), closes(other)]);
});

test.runIf(process.platform === 'linux')('when every place is taken, connections that are only kept alive make room', async () => {
  const idle: Socket[] = [];
  for (let i = 0; i < limits.connections; i++) idle.push(await idleFrom(i < limits.perAddress ? '127.0.0.1' : '127.0.0.2'));
  const gone = Promise.all(idle.map(closes));
  const refused = closes(await dial(secure.port, '127.0.0.3'));
  await Promise.all([gone, refused]);
  expect(await alive()).toBe(204);
});

test('a network of IPv6 counts as one address, and so does IPv4 however it is written', () => {
  expect(networkOf('::ffff:10.0.0.5')).toBe('10.0.0.5');
  expect(networkOf('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
  expect(networkOf('2001:db8::5')).toBe(networkOf('2001:db8:0:0:9::1'));
  expect(networkOf('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
  expect(networkOf('::1')).toBe('0:0:0:0::/64');
});
