import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Agents } from '#backend/agents/agents.ts';
import { provision } from '#backend/broker/provision.ts';
import { startProjection } from '#backend/projectors/projection.ts';
import { openReader } from '#backend/projectors/read/open-reader.ts';
import { readNote } from '#backend/rollouts/rollout-note.ts';
import type { SchedulerContext } from '#backend/scheduler/context.ts';
import { Scheduler } from '#backend/scheduler/scheduler.ts';
import { Schedules } from '#backend/scheduler/schedules.ts';
import { encode } from '#core/contract/codec.ts';
import type { Schedule, StoredSchedule } from '#core/contract/schedule.ts';
import { instant } from '#core/contract/time.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import { streamInfo } from '#core/nats/jetstream.ts';
import { kvPut } from '#core/nats/kv.ts';
import { Mirror } from '#core/nats/mirror.ts';
import { startTestBroker } from '#tests/support/broker.ts';
import { testConnection } from '#tests/support/projection.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { pcNames } from '#tests/support/simulated-agents.ts';
import { tempDir } from '#tests/support/temp.ts';
import { type Figures, p50p99, percentile, seconds } from './figures.ts';

const PCS = 3000;
const GROUP_OF = 100;
const SCHEDULES = 1000;
const TICKS = 130;

/**
 * 1,000 schedules over 3,000 PCs that have all run what there was to run: what loading them costs, and what ticks cost
 * that fire nothing. A tenth of the schedules mean all PCs, the others a group of 100; all that ask for it are satisfied.
 */
export async function measureSchedules(figures: Figures): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const temp = stack.use(await tempDir());
  const broker = stack.use(await startTestBroker({ syncInterval: '10s' }));
  const stop = new AbortController();
  const { signal } = stop;
  const nats = stack.use(await testConnection(broker.url, signal));
  stack.defer(() => stop.abort());
  await provision(nats, { signal, log: quietLog });
  const pcs = pcNames({ prefix: 'SIM', from: 0, count: PCS });
  const long = instant(Date.now() - 86_400_000);
  await inParallel(pcs, 256, async (pc) => {
    const entry = { pc_id: pc, enrolled_at: long, first_seen: long, last_seen: long, tz: 'Europe/Berlin' };
    await kvPut(nats, 'agents', pc, encode(entry));
    await kvPut(nats, 'agent_groups', pc, encode({ groups: [groupOf(pcs.indexOf(pc))] }));
  });
  await kvPut(nats, 'jobs', 'job', encode(job(long)));
  const schedules = Array.from({ length: SCHEDULES }, (_, n) => scheduleOf(n));
  await inParallel(schedules, 256, (schedule) => kvPut(nats, 'schedules', schedule.id, encode(storedAt(schedule, long))));
  const completion = encode({ exec_id: 'bench', finished_at: instant(Date.now() - 60_000), version: '1' });
  const satisfied = schedules.flatMap(({ id, target }) =>
    pcs.filter((_, n) => target.all || target.groups![0] === groupOf(n)).map((pc) => `${id}.${pc}`),
  );
  await inParallel(satisfied, 512, (key) => kvPut(nats, 'completions', key, completion));

  const agents = new Agents({ nats, clock: Date.now, mono: () => performance.now(), log: quietLog });
  await agents.start(signal);
  for (const pc of pcs) agents.beats.take({ pc_id: pc, at: instant(Date.now()), tz: 'Europe/Berlin' });
  const databasePath = join(temp.path, 'projection.db');
  const projection = stack.use(await startProjection({ databasePath, nats: broker.url, durableSuffix: '', signal, log: quietLog }));
  const { state } = await streamInfo(nats, 'KV_completions');
  await projection.passed('KV_completions', state.last_seq, { timeout: 120_000 });
  const db = openReader(databasePath);
  stack.defer(() => void db.close());

  let now = Math.floor(Date.now() / 3600_000) * 3600_000 + 3600_000 - 5000;
  const known = new Schedules();
  const rollouts = new Mirror(readNote);
  const began = performance.now();
  await Promise.all([known.start(nats, { log: quietLog, signal }), rollouts.start(nats, 'rollouts', { log: quietLog, signal })]);
  const ctx: SchedulerContext = {
    nats,
    agents,
    db,
    clock: () => now,
    newId: randomUUID,
    log: quietLog,
    schedules: known,
    rollouts,
    projection,
  };
  const scheduler = new Scheduler(ctx, 0);
  scheduler.follow(signal);
  const read = performance.now() - began;
  await scheduler.tick(signal);
  const loaded = performance.now() - began;
  figures.add(
    `${SCHEDULES} schedules over ${PCS} PCs: read, and all looked at for the first time`,
    `${seconds(read)}, ${seconds(loaded)}`,
    '< 2 s',
    loaded < 2000,
  );

  const ticks: number[] = [];
  for (let n = 0; n < TICKS; n++) {
    now += 1000;
    const before = performance.now();
    await scheduler.tick(signal);
    ticks.push(performance.now() - before);
  }
  const worst = Math.max(...ticks);
  figures.add(
    `${SCHEDULES} schedules: ${TICKS} ticks that fire nothing, over a full hour`,
    `${p50p99(ticks)}, the longest ${Math.round(worst)} ms`,
    'each < 50 ms',
    percentile(ticks, 1) < 50,
  );
  const executions = await streamInfo(nats, 'EXECUTIONS');
  if (executions.state.messages > 0)
    throw new Error(`${executions.state.messages} executions were fired: these were no ticks that fire nothing`);
}

const groupOf = (n: number) => `g${Math.floor(n / GROUP_OF)}`;

function scheduleOf(n: number): Schedule {
  const target = n % 10 === 0 ? { all: true } : { groups: [groupOf((n * GROUP_OF) % PCS)] };
  const base = { id: `s${n}`, job_id: 'job', target };
  switch (n % 4) {
    case 0:
      return { ...base, when: { per_pc: 'once' } };
    case 1:
      return { ...base, when: { per_pc: { every: '30d' } }, window: '00:00-23:59' };
    case 2:
      return { ...base, cron: '0 0 * * * *', mode: 'once_per_pc', tz: 'Europe/Berlin' };
    default:
      return { ...base, when: { calendar: { at: '03:30', days: ['mon-fri'] } }, tz: 'local', active: { from: '2099-01-01' } };
  }
}

function storedAt(schedule: Schedule, at: string): StoredSchedule {
  return { schedule, source: null, changed_at: at, updated_at: at, updated_by: 'bench' };
}

function job(at: string) {
  const manifest = { id: 'job', version: '1', execute: { shell: 'sh', script: 'true', timeout: '60s' } };
  return { manifest, source: null, updated_at: at, updated_by: 'bench' };
}
