import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { atomicWrite } from '#core/files/atomic-write.ts';
import { lockFolder } from '#core/files/folder-lock.ts';
import { assertPortFree } from '#core/process/port-owner.ts';
import { hostPort, isLoopback, type Listen, reachable } from '#core/settings/listen.ts';
import type { BrokerTrust } from '../identity/identity.ts';
import type { ServerTls } from '../tls/server-tls.ts';
import { adoptStore, storeIn } from './adopt-store.ts';
import { brokerConfig, handshakesFirst } from './broker-config.ts';
import { type BrokerProcess, spawnBroker } from './broker-process.ts';
import { endLeftover, forgetBroker, recordBroker, recordStart } from './broker-record.ts';
import { storeLimits } from './store-size.ts';
import { trustConfig } from './trust-config.ts';

export interface BrokerOptions {
  binary: string;
  /** The data folder; the broker keeps to `broker/` in it. */
  dataDir: string;
  listen: Listen;
  /** What it shows; without it everything goes in the clear, and it listens on loopback only. */
  tls?: ServerTls;
  /** Has the broker at that address read its configuration anew, where there is no signal for it; without it it is started anew there. */
  reload?: (url: string) => Promise<void>;
  /** Whom it trusts, asked for at each start; without it everybody gets in. */
  trust?: () => Promise<BrokerTrust>;
  /** Gives up starting. A broker that runs is ended by disposing of it: others still need it while they stop. */
  signal: AbortSignal;
  log: (line: string) => void;
}

/** How long an orderly stop may take before it is ended the hard way. Milliseconds. */
const STOP_MS = 10_000;
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 10_000;
/** After running this long it counts as well, and the next restart comes quickly again. */
const SETTLED_MS = 60_000;

/**
 * Starts nats-server over `<data>/broker/` and looks after it until disposed of. `port_in_use`, `folder_in_use` and
 * `broker_failed` say why it cannot be started; a broker left over from a killed start is ended first.
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { listen, tls, reload, signal, log } = options;
  if (tls === undefined && !isLoopback(listen.host)) {
    throw new KanadeError('listen_not_loopback', `the broker is not to listen at ${hostPort(listen)} (KANADE_BROKER_LISTEN) without TLS`);
  }
  const folder = join(options.dataDir, 'broker');
  await mkdir(storeIn(options.dataDir), { recursive: true });
  // Two servers over one store would ruin it, so the folder is ours before anything else.
  const lock = await lockFolder(folder);
  try {
    await endLeftover(folder, configIn(folder), log);
    if (listen.port !== 0) await assertPortFree(listen, 'KANADE_BROKER_LISTEN');
    const start = (port: number, within: AbortSignal) => startProcess({ ...options, folder, port, signal: within });
    const first = await start(listen.port || -1, signal);
    return new Broker({ folder, lock, listen, tls, reload, log, start, first });
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

/** The broker is known by this path as well: it is one of its arguments. */
function configIn(folder: string): string {
  return resolve(folder, 'nats-server.conf');
}

async function startProcess(options: BrokerOptions & { folder: string; port: number }): Promise<BrokerProcess> {
  const { folder, port, binary, signal } = options;
  const { host } = options.listen;
  // A name nobody else can have: whoever answers with it is the server started here and now.
  const serverName = `kanade-${randomUUID()}`;
  const portsDir = join(folder, 'ports');
  await rm(portsDir, { recursive: true, force: true });
  await mkdir(portsDir);
  const storeDir = storeIn(options.dataDir);
  const configFile = configIn(folder);
  const logFile = join(folder, 'nats-server.log');
  const limits = await storeLimits(storeDir);
  const tls = options.tls && { file: await putCertificate(folder, options.tls), handshakeFirst: handshakesFirst(options.listen) };
  const trust = await options.trust?.();
  if (trust && (await adoptStore(storeDir, trust.backendsAccount))) options.log('what was stored in open mode is taken over');
  const extra = trust && trustConfig(trust, join(folder, 'accounts'));
  const config = { host, port, serverName, storeDir, portsDir, logFile, syncInterval: 'always', tls, ...limits, extra };
  await writeFile(configFile, brokerConfig(config), { mode: 0o600 });
  await recordStart(folder);
  const onSpawn = (pid: number) => recordBroker(folder, pid);
  return spawnBroker({ binary, configFile, host: reachable(host), port, portsDir, serverName, logFile, signal, onSpawn });
}

/** A copy of its own, of what fits together: the files that an admin replaces do not at every moment. */
async function putCertificate(folder: string, { pair }: ServerTls): Promise<string> {
  const file = resolve(folder, 'tls.pem');
  await atomicWrite(file, pair.key + pair.cert);
  return file;
}

interface Parts {
  folder: string;
  /** Of the folder, for as long as this looks after a broker over it. */
  lock: AsyncDisposable;
  listen: Listen;
  tls: ServerTls | undefined;
  reload: BrokerOptions['reload'];
  log: (line: string) => void;
  start: (port: number, signal: AbortSignal) => Promise<BrokerProcess>;
  first: BrokerProcess;
}

/**
 * running --exit--> waiting (back-off) --start--> running; --dispose--> stopped, from either. Always the same port, so that
 * clients find it again.
 */
export class Broker implements AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly #parts: Parts;
  readonly #stopping = new AbortController();
  readonly #supervision: Promise<void>;
  readonly #unwatch: (() => void) | undefined;
  #current: BrokerProcess;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#current = parts.first;
    this.port = parts.first.port;
    this.url = `${parts.tls === undefined ? 'nats' : 'tls'}://${hostPort({ host: reachable(parts.listen.host), port: this.port })}`;
    this.#unwatch = parts.tls?.onChange(() => void this.#showCertificate());
    this.#supervision = this.#supervise();
  }

  /** Of the nats-server that runs now, or ran last. */
  get pid(): number {
    return this.#current.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unwatch?.();
    this.#stopping.abort();
    await this.#supervision;
    this.#current.signal('SIGINT');
    const patience = new AbortController();
    const ended = await Promise.race([
      this.#current.exited.then(() => true),
      sleep(STOP_MS, false, { signal: patience.signal }).catch(() => false),
    ]);
    patience.abort();
    if (!ended) {
      this.#parts.log('nats-server does not stop: ended the hard way');
      this.#current.signal('SIGKILL');
      await this.#current.exited;
    }
    await forgetBroker(this.#parts.folder);
    await this.#parts.lock[Symbol.asyncDispose]();
  }

  /** Connections that are there stay. */
  async #showCertificate(): Promise<void> {
    try {
      const { folder, tls, reload } = this.#parts;
      await putCertificate(folder, tls!);
      if (process.platform !== 'win32') this.#current.signal('SIGHUP');
      else if (reload !== undefined) await reload(this.url);
      // In open mode, where nobody may tell it: its clients come back.
      else this.#current.signal('SIGINT');
    } catch (error) {
      this.#parts.log(`the broker goes on with the certificate that it has: ${messageOf(error)}`);
    }
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stopping;
    const stopped = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
    let backoff = FIRST_BACKOFF_MS;
    for (;;) {
      const since = performance.now();
      const how = await Promise.race([this.#current.exited, stopped]);
      if (how === undefined) return;
      if (performance.now() - since > SETTLED_MS) backoff = FIRST_BACKOFF_MS;
      this.#parts.log(`nats-server ended (${how}): starting it again in ${backoff} ms`);
      for (let running = false; !running; backoff = Math.min(backoff * 2, MAX_BACKOFF_MS)) {
        try {
          await sleep(backoff, undefined, { signal });
          this.#current = await this.#parts.start(this.port, signal);
          running = true;
        } catch (error) {
          if (signal.aborted) return;
          this.#parts.log(`nats-server did not start again: ${messageOf(error)}`);
        }
      }
    }
  }
}
