import { readFile, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BROKER_LIMITS } from '#backend/broker/broker-config.ts';
import { HTTP_LIMITS } from '#backend/http/limits.ts';
import { connectNats } from '#core/nats/connection.ts';
import { startTestBroker } from '#tests/support/broker.ts';
import { testCa } from '#tests/support/certificates.ts';
import { TestKanade } from '#tests/support/kanade.ts';
import { startProcess } from '#tests/support/processes.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';
import { type Figures, p50p99, seconds } from './figures.ts';
import type { Flood } from './flood-process.ts';

/** Milliseconds the flood is held once all its connections were tried. */
const HOLD = 5000;
const ASK_EVERY = 20;

/** What whoever is not known can make API and broker hold, and what those notice who are. Linux only: it reads /proc. */
export async function measureLimits(figures: Figures, connections: number): Promise<void> {
  await measureApi(figures, connections);
  await measureBroker(figures, connections);
}

async function measureApi(figures: Figures, connections: number): Promise<void> {
  await using kanade = await TestKanade.start({ tls: true, identities: true });
  const { backend } = kanade;
  const ca = await readFile(backend.caFile!, 'utf8');
  const url = new URL('/healthz', backend.url);
  const kept = new Agent({ keepAlive: true, maxSockets: 1, ca });
  const askKept = () => statusOf(url, kept);
  const askAnew = async () => {
    const agent = new Agent({ ca });
    return statusOf(url, agent).finally(() => agent.destroy());
  };
  figures.add('API at rest, on one connection', await latencies(askKept, sleep(2000)));
  for (const kind of ['silent', 'handshake', 'headers', 'body'] as const) {
    const flood = { port: Number(url.port), connections, kind, greets: false };
    await measureFlood(figures, `API, ${connections} connections from one address, ${WORDS[kind]}`, flood, {
      pid: backend.process.child.pid!,
      ask: askKept,
      askAnew,
      limit: HTTP_LIMITS.perAddress,
    });
  }
  kept.destroy();
}

async function measureBroker(figures: Figures, connections: number): Promise<void> {
  await using temp = await tempDir();
  const ca = await testCa();
  const pair = await ca.issue();
  const file = join(temp.path, 'tls.pem');
  await writeFile(file, pair.key + pair.cert);
  const config = 'authorization { users = [ { user: me, password: me } ] }';
  await using broker = await startTestBroker({ tls: { file, handshakeFirst: false }, config });
  const stop = new AbortController();
  const parts = { signal: stop.signal, random: Math.random, mono: () => performance.now(), wall: Date.now, log: quietLog };
  const dial = () =>
    connectNats({ servers: broker.url, ca: () => ca.pem, name: 'bench', user: 'me', pass: 'me', ...parts, reconnectDelay: () => 100 });
  await using nats = await dial();
  figures.add('broker at rest: ping on one connection', await latencies(() => nats.flush(), sleep(2000)));
  for (const kind of ['silent', 'handshake'] as const) {
    await measureFlood(
      figures,
      `broker, ${connections} connections, ${WORDS[kind]}`,
      { port: broker.port, connections, kind, greets: true },
      {
        pid: broker.pid,
        ask: () => nats.flush(),
        askAnew: async () => (await dial()).close(),
        limit: BROKER_LIMITS.connections,
      },
    );
  }
  if (nats.tracker.disconnections > 0) figures.add('broker: a connection that was there', 'was cut', 'stays', false);
  stop.abort();
}

const WORDS: Record<Flood['kind'], string> = {
  silent: 'that say nothing',
  handshake: 'that shake hands and say nothing',
  headers: 'whose headers come drop by drop',
  body: 'whose body comes drop by drop',
};

interface Victim {
  pid: number;
  /** On a connection that is there, and on a new one. */
  ask(): Promise<unknown>;
  askAnew(): Promise<unknown>;
  limit: number;
}

async function measureFlood(figures: Figures, what: string, flood: Flood, victim: Victim): Promise<void> {
  const before = await rss(victim.pid);
  await using process = startProcess('tests/bench/flood-process.ts', [JSON.stringify(flood)]);
  const through = process.ready.then(() => sleep(HOLD));
  let most = before;
  const watching = (async () => {
    for (let done = false; !done; done = await Promise.race([through.then(() => true), sleep(100).then(() => false)])) {
      most = Math.max(most, await rss(victim.pid));
    }
  })();
  const told = await latencies(victim.ask, through);
  await watching;
  const held = await established(flood.port);
  // As long as the flood is there others may have to wait for a place; connections that say nothing lose theirs by themselves.
  const began = performance.now();
  await until('somebody new gets through', () => victim.askAnew().then(() => true), 120_000);
  const waited = performance.now() - began;
  figures.add(`${what}: held after ${HOLD / 1000} s`, `${held}`, `<= ${victim.limit}`, held <= victim.limit);
  figures.add(`${what}: memory`, `${Math.round(before)} MB -> ${Math.round(most)} MB`);
  figures.add(`${what}: one that was there before asks`, told);
  figures.add(`${what}: one that is new gets through after`, seconds(waited));
}

async function latencies(ask: () => Promise<unknown>, end: Promise<unknown>): Promise<string> {
  const took: number[] = [];
  let ended = false;
  void end.then(() => (ended = true));
  while (!ended) {
    const began = performance.now();
    await ask();
    took.push(performance.now() - began);
    await sleep(ASK_EVERY);
  }
  return p50p99(took);
}

function statusOf(url: URL, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, timeout: 20_000 }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode!));
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer within 20 s')));
    sent.on('error', reject);
    sent.end();
  });
}

/** Connections to a port of this machine, as the kernel counts them. */
async function established(port: number): Promise<number> {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = (await readFile('/proc/net/tcp', 'latin1')).split('\n');
  return lines.filter((line) => {
    const [, from, , state] = line.trim().split(/\s+/);
    return state === '01' && from?.endsWith(local);
  }).length;
}

/** Megabytes. */
async function rss(pid: number): Promise<number> {
  return (Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6;
}
