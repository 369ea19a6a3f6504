import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { runAgent } from '#core/agent/agent.ts';
import { IdentityFile } from '#core/agent/identity/identity-file.ts';
import { identityServer, type ServerOptions } from '#core/agent/identity/server.ts';
import { PowershellSource } from '#core/agent/inventory/powershell-source.ts';
import type { UpdateOptions } from '#core/agent/options.ts';
import { currentPlatform } from '#core/agent/platform/current.ts';
import { openNativeLibrary } from '#core/agent/platform/native-library.ts';
import { PcFactsWatch } from '#core/agent/report/pc-facts-watch.ts';
import type { TrustOptions } from '#core/agent/trust.ts';
import { parseHostState } from '#core/agent/update/host-state.ts';
import type { Hardware, TrustedKeyEntry } from '#core/contract/enrolment.ts';
import { endWithParent, tellParent } from '#core/process/end-with-parent.ts';
import { LOG_FORMAT } from '#core/process/log-format.ts';
import { releaseSource } from '#core/release/release-source.ts';
import { readCa } from '#core/tls/trust.ts';

/**
 * The agent as a test wants it: the real one, with a step at which it kills itself and a wall clock that is wrong.
 * Its options come as one JSON argument.
 */
export interface AgentProcessOptions {
  pcId: string;
  dataDir: string;
  nats?: string;
  /** PEM of the CA that the broker is checked against. */
  caFile?: string;
  crashAt?: string;
  /** Only when this is in the subject of what is being published. */
  crashOn?: string;
  /** Milliseconds that it takes to admit one command, as on a disk that is busy. */
  slowAdmission?: number;
  /** Milliseconds by which this PC's clock is wrong. */
  clockShift?: number;
  /** Where it gets its identity; without it everything is open. */
  identity?: { server?: string; token?: string; proxy?: string; hardware?: Hardware };
  ledgerLimits?: { maxRecords?: number; maxBytes?: number };
  /** Default: in the data folder. */
  logFile?: string;
  /** Whom it obeys: a file with the list of keys, read anew when it asks for them, as a credential is over HTTPS. */
  trust?: { file: string; allowUnsigned?: boolean };
  /** The folder from which it loads what reads the facts of the PC. */
  native?: string;
  /** The module that reads its inventory, how long a section may take, and from when to when it is first collected, in milliseconds. */
  inventory?: { module: string; section?: number; firstWithin?: [number, number] };
  version?: string;
  /**
   * What an agent finds that kanade-host.exe runs: its versions, whom it believes, and a file with what the host has written down. It
   * tells its parent with `type: 'update'` what it hands over, and ends.
   */
  host?: { versions: string; keys: string[]; state: string };
}

const options = JSON.parse(process.argv[2]!) as AgentProcessOptions;
const signal = endWithParent();
const lines: string[] = [];
const log = pino(
  { ...LOG_FORMAT, level: 'debug' },
  pino.multistream([pino.destination({ dest: options.logFile ?? join(options.dataDir, 'test.log'), mkdir: true, sync: true })]),
);
const { hardware } = options.identity ?? {};
const platform = { ...currentPlatform(), ...(hardware === undefined ? {} : { hardware: async () => hardware }) };
function trustOf({ file, allowUnsigned = false }: NonNullable<AgentProcessOptions['trust']>): TrustOptions {
  const read = () => JSON.parse(readFileSync(file, 'utf8')) as TrustedKeyEntry[];
  let keys = read();
  return {
    keys: () => keys,
    renewKeys: async () => {
      keys = read();
    },
    allowUnsigned,
    renewAgain: 1000,
  };
}
const dataDir = join(options.dataDir, 'agent');
function inventory({ module, section, firstWithin = [3_600_000, 3_600_000] }: NonNullable<AgentProcessOptions['inventory']>) {
  const deps = { platform, runDir: join(dataDir, 'run'), module, mono: () => performance.now(), log };
  const limits = section === undefined ? {} : { section, grace: 0 };
  return { source: new PowershellSource({ ...deps, limits }), interval: 4 * 3_600_000, firstWithin };
}
function pcFacts(folder: string) {
  return new PcFactsWatch({ open: () => openNativeLibrary(folder, process.env), dataDir, wall: Date.now, log });
}
function identity({ server, token, proxy }: NonNullable<AgentProcessOptions['identity']>) {
  const connect = (where: Pick<ServerOptions, 'url' | 'ca' | 'fingerprint' | 'signal'>) =>
    identityServer({ ...where, ...(proxy === undefined ? {} : { proxy }), env: {} });
  return { store: new IdentityFile(dataDir, platform), server: () => server, token: () => token, connect };
}
const version = options.version ?? '0.0.0-test';
const handedOver = new AbortController();
function underHost({ versions, keys, state }: NonNullable<AgentProcessOptions['host']>): UpdateOptions {
  return {
    host: {
      state: async () => parseHostState(readFileSync(state, 'utf8'))!,
      handOver: (next) => {
        tellParent({ type: 'update', version: next });
        handedOver.abort(new Error(`version ${next} takes over`));
      },
    },
    keys: async () => keys,
    platform: 'win-x64',
    versionsFolder: versions,
    runningFolder: join(versions, version),
    source: ({ urls, ca }) => releaseSource({ urls, ...(ca === undefined ? {} : { ca }), env: {}, random: Math.random }),
    onMetered: () => true,
  };
}
try {
  await runAgent({
    pcId: options.pcId,
    dataDir,
    ...(options.nats === undefined ? {} : { nats: options.nats }),
    ca: () => readCa(options.caFile),
    version,
    ...(options.host === undefined ? {} : { updates: underHost(options.host) }),
    platform,
    log,
    logs: async () => ({ text: lines.join('\n'), truncated: false }),
    signal: AbortSignal.any([signal, handedOver.signal]),
    wall: () => Date.now() + (options.clockShift ?? 0),
    reconnectDelay: () => 100 + Math.random() * 200,
    ...(options.ledgerLimits === undefined ? {} : { ledgerLimits: options.ledgerLimits }),
    ...(options.identity === undefined ? {} : { identity: identity(options.identity) }),
    ...(options.trust === undefined ? {} : { trust: trustOf(options.trust) }),
    ...(options.inventory === undefined ? {} : { inventory: inventory(options.inventory) }),
    ...(options.native === undefined ? {} : { pcFacts: pcFacts(options.native) }),
    step: async (name, subject) => {
      if (name === 'before_ledger' && options.slowAdmission !== undefined) await sleep(options.slowAdmission);
      if (name !== options.crashAt || !(subject ?? '').includes(options.crashOn ?? '')) return;
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => {});
    },
    onReady: (pcId) => tellParent({ type: 'ready', pc_id: pcId }),
  });
  process.exit(0);
} catch (error) {
  tellParent({ type: 'failed', code: (error as { code?: string }).code ?? '', message: (error as Error).message });
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
