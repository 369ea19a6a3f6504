import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { integer, is, optional, string, type } from 'superstruct';
import { atomicWrite } from '#core/files/atomic-write.ts';
import { processStart } from '#core/process/process-start.ts';
import { processesWith } from '#core/process/processes-with.ts';

const Who = type({ pid: integer(), start: string() });
const Record = type({ broker: optional(Who) });
const file = (folder: string) => join(folder, 'running.json');

/** Notes that a broker is about to run over `folder`: a start that is killed before it knows the pid leaves a trace as well. */
export async function recordStart(folder: string): Promise<void> {
  await atomicWrite(file(folder), JSON.stringify({}));
}

/** Notes which broker runs over `folder`, so that a later start can tell a left-over one. */
export async function recordBroker(folder: string, pid: number): Promise<void> {
  await atomicWrite(file(folder), JSON.stringify({ broker: { pid, start: (await processStart(pid)) ?? '' } }));
}

export async function forgetBroker(folder: string): Promise<void> {
  await rm(file(folder), { force: true });
}

/**
 * Ends the broker that a killed start left running over `folder`: only when pid and start time are the recorded ones, for the
 * pid may belong to somebody else by now. One whose pid was not recorded any more is known by the configuration file that it
 * was given. The caller holds the lock of `folder`, so nobody else starts one.
 */
export async function endLeftover(folder: string, configFile: string, log: (line: string) => void, patience = 10_000): Promise<void> {
  const record = await readRecord(folder);
  if (record === undefined) return;
  for (const { pid, start } of record.broker === undefined ? await startedWith(configFile) : [record.broker]) {
    const runs = async () => start !== '' && (await processStart(pid)) === start;
    if (!(await runs())) continue;
    log(`ending nats-server ${pid}, left over from a start that was killed`);
    const until = performance.now() + patience;
    for (let name: NodeJS.Signals = 'SIGINT'; await runs(); await sleep(50)) {
      if (performance.now() > until) name = 'SIGKILL';
      sendSignal(pid, name);
    }
  }
  await forgetBroker(folder);
}

async function startedWith(configFile: string): Promise<{ pid: number; start: string }[]> {
  const found: { pid: number; start: string }[] = [];
  for (const pid of await processesWith('-c', configFile)) found.push({ pid, start: (await processStart(pid)) ?? '' });
  return found;
}

async function readRecord(folder: string): Promise<{ broker?: { pid: number; start: string } } | undefined> {
  try {
    const record: unknown = JSON.parse(await readFile(file(folder), 'utf8'));
    return is(record, Record) ? record : undefined;
  } catch {
    return undefined; // none was left, or what was left cannot be read: then nobody can be named
  }
}

function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone meanwhile is what was wanted
  }
}
