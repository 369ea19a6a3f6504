import { openWriter } from '#backend/projectors/database.ts';
import { prepareTargets } from '#backend/projectors/targets-table.ts';
import type { EventStarted } from '#core/contract/events.ts';
import type { ExecResult } from '#core/contract/result.ts';
import type { StreamName } from '#core/contract/streams.ts';
import { createConsumer } from '#core/nats/jetstream.ts';
import type { JsMessage } from '#core/nats/js-message.ts';
import { pull } from '#core/nats/pull.ts';
import { endWithParent, tellParent } from '#core/process/end-with-parent.ts';
import { testConnection } from '#tests/support/projection.ts';

/** The floor's projection: the same rows into the same tables, straight from the messages. Nothing is looked up or judged. */
const [url, path] = process.argv.slice(2) as [string, string];
const signal = endWithParent();
const nats = await testConnection(url, signal);
const db = openWriter(path, { warn: () => {} });
const { make, started, result, keepResult } = prepareTargets(db);

const apply: Record<string, (message: JsMessage, body: never) => void> = {
  EXECUTIONS: ({ seq }, { exec_id, list }: { exec_id: string; list: { pcs: string[] } }) => {
    for (const pc of list.pcs) make.run(exec_id, pc, 'queued', null, null, seq, null);
  },
  EVENTS: ({ seq, stored }, e: EventStarted) =>
    void started.run('running', stored, e.started_at, e.result_id, stored + 60_000, seq, e.exec_id, e.pc_id),
  RESULTS: ({ seq, stored, data }, r: ExecResult) => {
    keepResult.run(r.result_id, r.pc_id, r.exec_id, stored, data);
    result.run(r.outcome, stored, r.outcome, null, r.exit_code, 0, r.started_at ?? '', r.finished_at, r.result_id, seq, r.exec_id, r.pc_id);
  },
};

async function project(stream: StreamName): Promise<void> {
  await createConsumer(nats, stream, {
    durable_name: 'floor',
    deliver_policy: 'all',
    ack_policy: 'explicit',
    max_ack_pending: 10_000,
  });
  const decoder = new TextDecoder();
  const commit = db.transaction((batch: JsMessage[]) => {
    for (const message of batch) apply[stream]!(message, JSON.parse(decoder.decode(message.data)) as never);
  });
  for await (const batch of pull(nats, stream, 'floor', { batch: 256, signal, fill: 25 })) {
    commit(batch);
    for (const message of batch) message.ack();
  }
}

const all = (['EXECUTIONS', 'EVENTS', 'RESULTS'] as const).map(project);
tellParent({ type: 'ready' });
signal.addEventListener('abort', () => process.exit(0), { once: true });
await Promise.all(all);
