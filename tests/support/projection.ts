import { join } from 'node:path';
import { type Projection, startProjection } from '#backend/projectors/projection.ts';
import { type Database, openReader } from '#backend/projectors/read/open-reader.ts';
import { PROJECTED } from '#backend/projectors/streams.ts';
import { encode } from '#core/contract/codec.ts';
import type { Command } from '#core/contract/command.ts';
import type { AgentEvent, EventStarted } from '#core/contract/events.ts';
import { resultId } from '#core/contract/ids.ts';
import type { ExecResult } from '#core/contract/result.ts';
import { BUCKETS, type BucketName, STREAMS, type StreamName } from '#core/contract/streams.ts';
import { subjects } from '#core/contract/subjects.ts';
import type { Cancelled, Lost, Submitted } from '#core/contract/submission.ts';
import { connectNats, type Nats } from '#core/nats/connection.ts';
import { api, createStream, streamInfo } from '#core/nats/jetstream.ts';
import { startTestBroker, type TestBroker } from './broker.ts';
import { tempDir } from './temp.ts';

export const quiet = { info: () => {}, warn: () => {} };

export function testConnection(url: string, signal: AbortSignal): Promise<Nats> {
  const mono = () => performance.now();
  return connectNats({
    servers: url,
    name: 'test',
    signal,
    random: Math.random,
    mono,
    wall: Date.now,
    log: quiet,
    reconnectDelay: () => 50,
  });
}

/** A stream of the contract, without its sizes: the disks of test machines are small. */
export async function makeStream(nats: Nats, name: StreamName): Promise<void> {
  const { subjects } = STREAMS[name];
  await createStream(nats, { name, subjects, storage: 'file', num_replicas: 1 } as { name: string });
}

export async function makeBucket(nats: Nats, name: BucketName): Promise<void> {
  const config = {
    name: `KV_${name}`,
    subjects: [`$KV.${name}.>`],
    allow_direct: true,
    allow_rollup_hdrs: true,
    max_msgs_per_subject: BUCKETS[name].history,
  };
  await createStream(nats, { ...config, storage: 'file', num_replicas: 1 } as { name: string });
}

export function deleteStream(nats: Nats, name: string): Promise<unknown> {
  return api(nats, `STREAM.DELETE.${name}`);
}

export interface ProjectionBench extends AsyncDisposable {
  broker: TestBroker;
  nats: Nats;
  folder: string;
  logged: { message: string; fields: object }[];
  /** Another projection of the same broker, with a database file of its own unless one is named. */
  start(options?: { suffix?: string; path?: string; clockOffset?: number }): Promise<Running>;
}

export interface Running extends AsyncDisposable {
  projection: Projection;
  path: string;
  db: Database;
}

/** A broker with the streams that are projected and `blobs`, a connection, and projections on demand. */
export async function projectionBench(): Promise<ProjectionBench> {
  const stop = new AbortController();
  const temp = await tempDir();
  const broker = await startTestBroker({ syncInterval: '10s' });
  const nats = await testConnection(broker.url, stop.signal);
  for (const name of ['EXECUTIONS', 'EVENTS', 'RESULTS', 'AUDIT', 'INVENTORY'] as const) await makeStream(nats, name);
  for (const name of ['blobs', 'completions'] as const) await makeBucket(nats, name);
  const logged: { message: string; fields: object }[] = [];
  const log = { info: () => {}, warn: (fields: object, message: string) => void logged.push({ message, fields }) };
  let made = 0;
  return {
    broker,
    nats,
    folder: temp.path,
    logged,
    async start({ suffix = '', path = join(temp.path, `projection-${++made}.db`), clockOffset = 0 } = {}) {
      const { signal } = stop;
      const projection = await startProjection({ databasePath: path, nats: broker.url, durableSuffix: suffix, signal, log, clockOffset });
      const db = openReader(path);
      return {
        projection,
        path,
        db,
        [Symbol.asyncDispose]: async () => {
          db.close();
          await projection[Symbol.asyncDispose]();
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      await nats.close();
      stop.abort();
      await broker[Symbol.asyncDispose]();
      await temp[Symbol.asyncDispose]();
    },
  };
}

/** Every row of every table but the projectors' own marks, in the order of the primary keys. */
export function dump(db: Database): Record<string, unknown[]> {
  const tables = [
    'executions',
    'exec_counts',
    'targets',
    'results',
    'completions',
    'early_facts',
    'agent_events',
    'audit',
    'dead_letters',
    'inventory_sections',
    'inventory_bodies',
    'inventory_rows',
    'inventory_versions',
    'inventory_messages',
    'projector',
  ];
  const three = '1, 2, 3';
  const order: Record<string, string> = {
    results: 'result_id, pc_id, exec_id',
    early_facts: three,
    inventory_rows: three,
    inventory_versions: three,
    inventory_messages: three,
  };
  return Object.fromEntries(tables.map((table) => [table, db.prepare(`SELECT * FROM ${table} ORDER BY ${order[table] ?? '1, 2'}`).all()]));
}

export function command(exec: string, more: Partial<Command> = {}): Command {
  const now = Date.now();
  return {
    id: 'ad-hoc',
    version: '1',
    request_id: exec,
    exec_id: exec,
    issued_at: new Date(now).toISOString(),
    shell: 'sh',
    script: 'true',
    timeout_secs: 60,
    expires_at: new Date(now + 3600_000).toISOString(),
    ...more,
  };
}

interface SubmissionParts {
  command?: Partial<Command>;
  submitted?: Partial<Submitted>;
}

export function submittedOf(exec: string, pcs: string[], more: SubmissionParts = {}): Submitted {
  return {
    exec_id: exec,
    actor: 'admin',
    submitted_at: new Date().toISOString(),
    request_hash: 'h',
    target: { pcs },
    broadcast: false,
    list: { pcs },
    target_count: pcs.length,
    command: JSON.stringify(command(exec, more.command)),
    ...more.submitted,
  };
}

export async function submit(nats: Nats, exec: string, pcs: string[], more: SubmissionParts = {}): Promise<number> {
  return raw(nats, subjects.submitted(exec), submittedOf(exec, pcs, more));
}

export function startedOf(exec: string, pc: string, more: Partial<EventStarted> = {}): EventStarted {
  const at = new Date().toISOString();
  const id = resultId(exec, pc);
  return { result_id: id, request_id: exec, exec_id: exec, pc_id: pc, started_at: at, manifest_id: 'ad-hoc', version: '1', ...more };
}

export function resultOf(exec: string, pc: string, more: Partial<ExecResult> = {}): ExecResult {
  const at = new Date().toISOString();
  return {
    result_id: resultId(exec, pc),
    request_id: exec,
    exec_id: exec,
    pc_id: pc,
    manifest_id: 'ad-hoc',
    version: '1',
    exit_code: 0,
    outcome: 'succeeded',
    stdout: `hello from ${pc}`,
    stderr: '',
    stdout_bytes: 11 + pc.length,
    stderr_bytes: 0,
    started_at: at,
    finished_at: at,
    ...more,
  };
}

export async function started(nats: Nats, exec: string, pc: string, more: Partial<EventStarted> = {}): Promise<number> {
  return (await nats.publishStored(subjects.started(exec, pc), encode(startedOf(exec, pc, more)))).seq;
}

export async function result(nats: Nats, exec: string, pc: string, more: Partial<ExecResult> = {}): Promise<number> {
  return (await nats.publishStored(subjects.result(exec, pc), encode(resultOf(exec, pc, more)))).seq;
}

export async function agentEvent(nats: Nats, pc: string, kind: string, more: Partial<AgentEvent> = {}): Promise<number> {
  const body: AgentEvent = { event_id: crypto.randomUUID(), pc_id: pc, kind, at: new Date().toISOString(), ...more };
  return (await nats.publishStored(subjects.agentEvent(kind, pc), encode(body))).seq;
}

/** Any bytes on any subject, stored. */
export async function raw(nats: Nats, subject: string, body: unknown): Promise<number> {
  const bytes = body instanceof Uint8Array ? body : encode(body);
  return (await nats.publishStored(subject, bytes)).seq;
}

export async function cancelled(nats: Nats, exec: string, more: Partial<Cancelled> = {}): Promise<number> {
  return raw(nats, subjects.cancelled(exec), { exec_id: exec, actor: 'admin', at: new Date().toISOString(), ...more } satisfies Cancelled);
}

export async function lost(nats: Nats, exec: string, pcs: string[]): Promise<number> {
  const body: Lost = { exec_id: exec, at: new Date().toISOString(), list: { pcs }, reason: 'no_answer' };
  return raw(nats, subjects.lost(exec), body);
}

/** Waits until all that is in the four streams is in the database. */
export async function projected(nats: Nats, { projection }: Pick<Running, 'projection'>): Promise<void> {
  for (const stream of PROJECTED) {
    const { state } = await streamInfo(nats, stream);
    await projection.passed(stream, state.last_seq, { timeout: 60_000 });
  }
}
