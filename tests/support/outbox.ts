import { Outbox, type OutboxOptions } from '#core/agent/outbox/outbox.ts';
import { OutboxFolder } from '#core/agent/outbox/outbox-folder.ts';
import type { OutboxKind, StoredFile } from '#core/agent/outbox/outbox-store.ts';
import { PACE, type Pace } from '#core/agent/outbox/pace.ts';
import { subjectOf } from '#core/agent/outbox/subject-of.ts';
import { encode } from '#core/contract/codec.ts';
import type { EventStarted } from '#core/contract/events.ts';
import type { InventorySection } from '#core/contract/inventory.ts';
import type { ExecResult } from '#core/contract/result.ts';
import { connectNats, type Nats } from '#core/nats/connection.ts';
import { createStream, streamInfo } from '#core/nats/jetstream.ts';
import { quietLog } from './quiet-log.ts';

/** The outbox as it is, only sooner. */
export const QUICK: Pace = { ...PACE, firstRetry: 1, lastRetry: 4, probe: 100, ackTimeout: 2000 };

export async function testNats(url: string): Promise<Nats> {
  return connectNats({
    servers: url,
    name: 'test',
    signal: AbortSignal.timeout(60_000),
    random: Math.random,
    mono: () => performance.now(),
    wall: Date.now,
    log: quietLog,
    reconnectDelay: () => 50,
  });
}

export async function makeStreams(nats: Nats, more: object = {}): Promise<void> {
  for (const [name, subjects] of [
    ['EVENTS', ['events.>']],
    ['RESULTS', ['results.>']],
    ['OUTPUT', ['output.>']],
    ['INVENTORY', ['inventory.>']],
  ] as const) {
    await createStream(nats, { name, ...{ subjects, storage: 'file', discard: 'new', ...more } });
  }
}

export async function stored(nats: Nats, stream: string): Promise<{ messages: number; subjects: Record<string, number> }> {
  const { state } = await streamInfo(nats, stream, { subjects_filter: '>' });
  return { messages: state.messages, subjects: state.subjects ?? {} };
}

/** A folder that counts how often each file is read. */
export class CountingFolder extends OutboxFolder {
  readonly reads = new Map<string, number>();

  override read(file: StoredFile): Promise<Uint8Array | undefined> {
    this.reads.set(file.file, (this.reads.get(file.file) ?? 0) + 1);
    return super.read(file);
  }
}

export function openOutbox(dir: string, nats: Nats, more: Partial<OutboxOptions> = {}): Promise<Outbox> {
  return Outbox.open({
    store: new OutboxFolder(dir),
    publish: async (subject, bytes, timeout) => {
      await nats.publishStored(subject, bytes, { timeout });
    },
    subjectOf: (kind: OutboxKind, name, bytes) => subjectOf(kind, name, bytes, 'PC1'),
    clock: () => performance.now(),
    random: Math.random,
    log: quietLog,
    pace: QUICK,
    ...more,
  });
}

/** Runs the outbox until disposed of, and tells it of each reconnection. */
export function runOutbox(outbox: Outbox, nats: Nats): AsyncDisposable {
  const stop = new AbortController();
  const running = outbox.run(stop.signal);
  const following = (async () => {
    for (;;) {
      await nats.tracker.connectedAgain.next(stop.signal);
      if (stop.signal.aborted) return;
      outbox.reconnected();
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await Promise.all([running, following]);
    },
  };
}

const at = '2026-05-20T12:00:00.000Z';

export function started(id: string): Uint8Array {
  const event: EventStarted = {
    result_id: id,
    request_id: `q-${id}`,
    exec_id: `x-${id}`,
    pc_id: 'PC1',
    started_at: at,
    manifest_id: 'ad-hoc',
    version: '1',
  };
  return encode(event);
}

export function section(name: string, data: InventorySection['data']): Uint8Array {
  return encode({ pc_id: 'PC1', section: name, collected_at: at, hash: 'h', data, faults: [] } satisfies InventorySection);
}

export function result(id: string, stdout = ''): Uint8Array {
  const value: ExecResult = {
    result_id: id,
    request_id: `q-${id}`,
    exec_id: `x-${id}`,
    pc_id: 'PC1',
    manifest_id: 'ad-hoc',
    version: '1',
    exit_code: 0,
    outcome: 'succeeded',
    stdout,
    stderr: '',
    stdout_bytes: stdout.length,
    stderr_bytes: 0,
    started_at: at,
    finished_at: at,
  };
  return encode(value);
}
