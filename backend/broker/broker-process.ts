import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { readServerInfo } from './server-info.ts';

export interface BrokerProcess {
  pid: number;
  port: number;
  /** Settles when it has ended, however that came. */
  exited: Promise<string>;
  signal(name: NodeJS.Signals): void;
}

export interface SpawnOptions {
  binary: string;
  configFile: string;
  host: string;
  /** -1 when the server chooses. */
  port: number;
  portsDir: string;
  serverName: string;
  logFile: string;
  signal: AbortSignal;
  /** Told of the pid at once, before it is ready. */
  onSpawn?: (pid: number) => Promise<void>;
  /** Milliseconds to become ready; a large store is recovered before the port opens. */
  readyWithin?: number;
}

const POLL_MS = 20;

/**
 * Starts nats-server in a process group of its own and waits until the server that answers on its port reports the name it was
 * given: any other answer comes from somebody else. `broker_failed` with the end of its log when it ends or takes too long.
 */
export async function spawnBroker(options: SpawnOptions): Promise<BrokerProcess> {
  options.signal.throwIfAborted();
  const child = spawn(options.binary, ['-c', options.configFile], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    windowsHide: true,
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  const exited = once(child, 'exit').then(([code, signal]) => (signal ? `killed by ${signal}` : `exit code ${code}`));
  // A program that cannot be started has no pid and never exits.
  const failed = once(child, 'error').then(([error]) => messageOf(error));
  const ended = Promise.race([exited, failed]);

  const giveUp = AbortSignal.any([options.signal, AbortSignal.timeout(options.readyWithin ?? 120_000)]);
  const stopLooking = new AbortController();
  try {
    if (child.pid !== undefined) await options.onSpawn?.(child.pid);
    const port = await Promise.race([
      waitUntilReady(options, child.pid, AbortSignal.any([giveUp, stopLooking.signal])),
      ended.then(async (how) => {
        throw new KanadeError(
          'broker_failed',
          `nats-server did not start (${how}): ${complaint.trim() || (await endOfLog(options.logFile))}`,
        );
      }),
    ]);
    return { pid: child.pid!, port, exited, signal: (name) => void child.kill(name) };
  } catch (error) {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      child.kill('SIGKILL');
      await exited;
    }
    options.signal.throwIfAborted();
    if (!giveUp.aborted) throw error;
    throw new KanadeError('broker_failed', `nats-server was not ready in time: ${await endOfLog(options.logFile)}`);
  } finally {
    stopLooking.abort();
  }
}

async function waitUntilReady(options: SpawnOptions, pid: number | undefined, signal: AbortSignal): Promise<number> {
  while (pid !== undefined) {
    const port = options.port > 0 ? options.port : await chosenPort(options.portsDir, pid);
    if (port !== undefined && (await answersAs(options.serverName, options.host, port, signal))) return port;
    await sleep(POLL_MS, undefined, { signal });
  }
  return new Promise<never>(() => {}); // it was not even started; its error event says why
}

/** Any failure means "not yet": the caller watches the process itself. */
async function answersAs(serverName: string, host: string, port: number, signal: AbortSignal): Promise<boolean> {
  try {
    return (await readServerInfo(host, port, signal)).server_name === serverName;
  } catch {
    return false;
  }
}

async function chosenPort(portsDir: string, pid: number): Promise<number | undefined> {
  try {
    const ports = JSON.parse(await readFile(join(portsDir, `nats-server_${pid}.ports`), 'utf8')) as { nats?: string[] };
    const [url] = ports.nats ?? [];
    return url === undefined ? undefined : Number(new URL(url).port);
  } catch {
    return undefined; // not written yet, or half written
  }
}

async function endOfLog(logFile: string): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => ''); // it ended before it opened its log
  return text.trim().split('\n').slice(-5).join('\n') || 'it said nothing';
}
