import { join } from 'node:path';
import { openReader } from '#backend/projectors/read/open-reader.ts';
import { encode } from '#core/contract/codec.ts';
import { subjects } from '#core/contract/subjects.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import { startTestBroker } from '#tests/support/broker.ts';
import { startProcess } from '#tests/support/processes.ts';
import { command, makeStream, submit, testConnection } from '#tests/support/projection.ts';
import { pcNames } from '#tests/support/simulated-agents.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

export interface FloorTimes {
  /** Milliseconds from the first message until all rows are there; one number a run. */
  all: number[];
  group: number[];
}

const PROCESSES = 2;

/**
 * What the same work costs with nothing of ours around it (design section 11): the submission stored, commands
 * published and stored, one start and one result per PC published and stored, the same rows inserted.
 */
export async function measureFloor(count: number, repeats: number): Promise<FloorTimes> {
  await using stack = new AsyncDisposableStack();
  const temp = stack.use(await tempDir());
  const broker = stack.use(await startTestBroker());
  const stop = new AbortController();
  stack.defer(() => stop.abort());
  const nats = stack.use(await testConnection(broker.url, stop.signal));
  for (const stream of ['EXEC', 'EXECUTIONS', 'EVENTS', 'RESULTS'] as const) await makeStream(nats, stream);

  const path = join(temp.path, 'floor.db');
  const projection = stack.use(startProcess('tests/bench/floor-projection-process.ts', [broker.url, path]));
  const shares = Array.from({ length: PROCESSES }, (_, n) => {
    const from = Math.floor((count * n) / PROCESSES);
    return { nats: broker.url, prefix: 'SIM', from, count: Math.floor((count * (n + 1)) / PROCESSES) - from };
  });
  const agents = shares.map((share) => stack.use(startProcess('tests/bench/floor-agents-process.ts', [JSON.stringify(share)])));
  await Promise.all([projection, ...agents].map((process) => process.ready));

  const db = openReader(path);
  stack.defer(() => void db.close());
  const complete = db
    .prepare<[string], number>('SELECT count(*) FROM targets WHERE exec_id = ? AND event_seq > 0 AND result_seq > 0')
    .pluck();
  const pcs = pcNames({ prefix: 'SIM', from: 0, count });
  const run = async (exec: string, broadcast: boolean) => {
    const begun = performance.now();
    await submit(nats, exec, pcs);
    const bytes = encode(command(exec));
    if (broadcast) await nats.publishStored(subjects.commandAll(exec), bytes);
    else await inParallel(pcs, 256, (pc) => nats.publishStored(subjects.commandPc(pc, exec), bytes));
    await until('every row is there', () => complete.get(exec) === count, 300_000);
    return performance.now() - begun;
  };
  const times: FloorTimes = { all: [], group: [] };
  for (let n = 0; n < repeats; n++) {
    times.group.push(await run(`group-${n}`, false));
    times.all.push(await run(`all-${n}`, true));
  }
  return times;
}
