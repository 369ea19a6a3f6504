import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { integer, is, string, type } from 'superstruct';
import { KanadeError } from '#core/contract/errors.ts';
import { atomicWrite } from '#core/files/atomic-write.ts';
import { processStart } from '#core/process/process-start.ts';

const Who = type({ pid: integer(), start: string() });
const Record = type({ broker: Who, supervisor: Who });
const file = (folder: string) => join(folder, 'running.json');

/** Notes which broker runs over `folder` and who looks after it, so that a later start can tell a left-over one. */
export async function recordBroker(folder: string, brokerPid: number): Promise<void> {
  const broker = { pid: brokerPid, start: (await processStart(brokerPid)) ?? '' };
  const supervisor = { pid: process.pid, start: (await processStart(process.pid)) ?? '' };
  await atomicWrite(file(folder), JSON.stringify({ broker, supervisor }));
}

export async function forgetBroker(folder: string): Promise<void> {
  await rm(file(folder), { force: true });
}

/**
 * Ends the broker that a killed start left running over `folder`: only when pid and start time are the recorded ones, for the
 * pid may belong to somebody else by now. `folder_in_use` while the start that looks after it still runs.
 */
export async function endLeftover(folder: string, log: (line: string) => void, patience = 10_000): Promise<void> {
  const record = await readRecord(folder);
  if (record === undefined) return;
  const { broker, supervisor } = record;
  const runs = async (who: typeof broker) => who.start !== '' && (await processStart(who.pid)) === who.start;
  if (await runs(broker)) {
    if (supervisor.pid !== process.pid && (await runs(supervisor))) {
      throw new KanadeError(
        'folder_in_use',
        `${folder} is in use: process ${supervisor.pid} runs a broker over it. Stop that, or set KANADE_DATA_DIR`,
      );
    }
    log(`ending nats-server ${broker.pid}, left over from a start that was killed`);
    const until = performance.now() + patience;
    for (let name: NodeJS.Signals = 'SIGINT'; await runs(broker); await sleep(50)) {
      if (performance.now() > until) name = 'SIGKILL';
      sendSignal(broker.pid, name);
    }
  }
  await forgetBroker(folder);
}

async function readRecord(
  folder: string,
): Promise<{ broker: { pid: number; start: string }; supervisor: { pid: number; start: string } } | undefined> {
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
