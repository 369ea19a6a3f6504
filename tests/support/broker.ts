import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrokerConfig, brokerConfig } from '#backend/broker/broker-config.ts';
import { type BrokerProcess, spawnBroker } from '#backend/broker/broker-process.ts';
import { findNatsServer } from '#backend/broker/find-nats-server.ts';
import { tempDir } from './temp.ts';

export interface TestBrokerOptions {
  /** Kept when given; else a temporary folder that goes with the broker. */
  storeDir?: string;
  /** Default: a name that no other has. */
  name?: string;
  /** Default: a free one. */
  port?: number;
  /** More nats-server configuration, such as an `authorization` block. */
  config?: string;
  /** Default `always`, as in production. */
  syncInterval?: string;
  /** Bytes JetStream may store; default: what nats-server takes by itself. */
  maxFile?: number;
  tls?: BrokerConfig['tls'];
  limits?: BrokerConfig['limits'];
}

export interface TestBroker extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly storeDir: string;
  /** What nats-server says, over its restarts. */
  readonly logFile: string;
  readonly pid: number;
  /** SIGKILL, as a power cut would have it. */
  kill(): Promise<void>;
  /** Same port, same store; ends it first (SIGKILL) when it still runs. */
  restart(): Promise<void>;
  /** Orderly. */
  stop(): Promise<void>;
}

/** Ended with this process at the latest: a run that is cut short leaves no broker behind. */
const running = new Set<BrokerProcess>();
process.once('exit', () => {
  for (const broker of running) broker.signal('SIGKILL');
});
process.once('SIGTERM', () => process.exit(143));
process.once('disconnect', () => process.exit(1));

/** A real nats-server of the test's own, ready to be connected to. */
export async function startTestBroker(options: TestBrokerOptions = {}): Promise<TestBroker> {
  const binary = process.env.KANADE_TEST_NATS_SERVER || (await findNatsServer()).path;
  const temp = await tempDir();
  const storeDir = options.storeDir ?? join(temp.path, 'store');
  const configFile = join(temp.path, 'nats-server.conf');
  const logFile = join(temp.path, 'nats-server.log');
  await mkdir(storeDir, { recursive: true });

  const start = async (port: number): Promise<BrokerProcess> => {
    const serverName = options.name ?? `test-${randomUUID()}`;
    const config = { host: '127.0.0.1', port, serverName, storeDir, portsDir: temp.path, logFile };
    const { syncInterval = 'always', maxFile, config: extra, tls, limits } = options;
    await writeFile(configFile, brokerConfig({ ...config, syncInterval, maxFile, extra, tls, limits }));
    const broker = await spawnBroker({ ...config, binary, configFile, signal: AbortSignal.timeout(60_000) });
    running.add(broker);
    return broker;
  };

  let current = await start(options.port ?? -1).catch(async (error: unknown) => {
    await temp[Symbol.asyncDispose]();
    throw error;
  });
  const end = async (signal: NodeJS.Signals) => {
    current.signal(signal);
    await current.exited;
    running.delete(current);
  };
  return {
    url: `${options.tls === undefined ? 'nats' : 'tls'}://127.0.0.1:${current.port}`,
    port: current.port,
    storeDir,
    logFile,
    get pid() {
      return current.pid;
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGINT'),
    restart: async () => {
      await end('SIGKILL');
      current = await start(current.port);
    },
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL');
      await temp[Symbol.asyncDispose]();
    },
  };
}
