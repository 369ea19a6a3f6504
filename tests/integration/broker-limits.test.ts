import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { connectNats, type Nats } from '#core/nats/connection.ts';
import { startTestBroker } from '#tests/support/broker.ts';
import { testCa } from '#tests/support/certificates.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

const all = new AsyncDisposableStack();
afterAll(() => all.disposeAsync());
const stop = new AbortController();
all.defer(() => stop.abort());
const dir = all.use(await tempDir()).path;
const ca = await testCa();
const pair = await ca.issue();
const file = join(dir, 'tls.pem');
await writeFile(file, pair.key + pair.cert);

/** Somebody with a name and a password: until they have said both nobody is anybody. */
const config = 'authorization { users = [ { user: me, password: me } ] }';
/** As in production but for their size. */
const limits = { connections: 12, controlLine: 1024, payload: 65_536, tlsSeconds: 0.5, handshakesPerSecond: 1000 };
const broker = all.use(await startTestBroker({ tls: { file, handshakeFirst: true }, limits, config }));
const clear = all.use(await startTestBroker({ limits, config }));

function known(handshakeFirst = false): Promise<Nats> {
  return connectNats({
    servers: broker.url,
    ca: () => ca.pem,
    handshakeFirst,
    name: 'test',
    user: 'me',
    pass: 'me',
    signal: stop.signal,
    random: Math.random,
    mono: () => performance.now(),
    wall: Date.now,
    log: quietLog,
    reconnectDelay: () => 50,
  });
}

async function dial(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Through the handshake, and nobody yet. */
async function dialTls(): Promise<Socket> {
  const plain = await dial(broker.port);
  const socket = connectTls({ socket: plain, ca: ca.pem, checkServerIdentity: () => undefined });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}

/** Milliseconds until the other side closes, and what it said before. */
async function closes(socket: Socket): Promise<{ after: number; said: string }> {
  const began = performance.now();
  let said = '';
  socket.on('data', (data) => (said += data));
  await new Promise((resolve) => socket.once('close', resolve));
  return { after: performance.now() - began, said };
}

test('a client may begin with its handshake, as on port 443, or wait for the greeting', async () => {
  for (const first of [true, false]) {
    await using nats = await known(first);
    await nats.flush();
    expect(nats.connected).toBe(true);
  }
});

test('who connects and says nothing is cut, before the handshake and after it', async () => {
  expect((await closes(await dial(broker.port))).after).toBeLessThan(4000);
  expect((await closes(await dialTls())).after).toBeLessThan(4000);
  expect((await closes(await dial(clear.port))).after).toBeLessThan(4000);
});

test('who speaks drop by drop and never says who it is is cut', async () => {
  const socket = await dialTls();
  const drip = setInterval(() => socket.write('PING\r\n'), 50);
  const { after, said } = await closes(socket);
  clearInterval(drip);
  expect(after).toBeLessThan(4000);
  expect(said).toMatch(/Authentication Timeout|Authorization Violation/);
});

test('a line without end is refused', async () => {
  const socket = await dialTls();
  socket.write(`CONNECT {"name":"${'x'.repeat(100_000)}`);
  const { after, said } = await closes(socket);
  expect(after).toBeLessThan(2000);
  expect(said).toMatch(/Maximum Control Line Exceeded|^$|Authentication|INFO/i);
});

test('a message that is too large ends the connection it came over, and no other', async () => {
  await using other = await known();
  const socket = await dialTls();
  socket.write(`CONNECT {"user":"me","pass":"me","verbose":false,"pedantic":false}\r\nPUB a ${limits.payload + 1}\r\n`);
  expect((await closes(socket)).said).toContain('Maximum Payload Violation');
  await other.flush();
  expect(other.tracker.disconnections).toBe(0);
});

test('connections beyond the limit are refused at once, those that are there go on, and there is room again soon', async () => {
  await using there = await known();
  const flood = await Promise.all(Array.from({ length: 40 }, () => dial(clear.port)));
  const ends = flood.map((socket) => closes(socket));
  const first = await Promise.race(ends);
  expect(first.after).toBeLessThan(1000);
  expect(first.said).toMatch(/maximum connections exceeded/i);
  await Promise.all(ends);

  const silent = await Promise.all(Array.from({ length: 40 }, () => dial(broker.port)));
  await there.flush();
  expect(there.tracker.disconnections).toBe(0);
  await until('there is room', async () => {
    await using again = await known();
    return again.connected;
  });
  await Promise.all(silent.map((socket) => socket.destroyed || closes(socket)));
});
