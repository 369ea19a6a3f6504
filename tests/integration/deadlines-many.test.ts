import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { Agents } from '#backend/agents/agents.ts';
import { lookOnce } from '#backend/exec/deadlines.ts';
import { SCHEMA } from '#backend/projectors/schema.ts';
import { encode } from '#core/contract/codec.ts';
import { subjects } from '#core/contract/subjects.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { startTestBroker } from '#tests/support/broker.ts';
import { makeStream, testConnection } from '#tests/support/projection.ts';
import { quietLog } from '#tests/support/quiet-log.ts';

const HOUR = 3_600_000;
const at = '2026-01-01T00:00:00Z';

test('runs of PCs that are off keep nobody from being asked, however many and however late they are', async () => {
  const stop = new AbortController();
  await using broker = await startTestBroker({ syncInterval: '10s' });
  await using nats = await testConnection(broker.url, stop.signal);
  await makeStream(nats, 'EXECUTIONS');
  const now = Date.now();
  let mono = 0;
  const agents = new Agents({ nats, clock: () => now, mono: () => mono, log: quietLog });
  using db = Object.assign(new Sqlite(':memory:').exec(SCHEMA), { [Symbol.dispose]: () => void db.close() });
  const row = db.prepare("INSERT INTO targets (exec_id, pc_id, state, started_result_id, deadline_at) VALUES (?, ?, 'running', ?, ?)");
  for (let i = 0; i < 1500; i++) {
    row.run('silent', `OFF-${i}`, `r${i}`, now - 2 * HOUR);
    agents.beats.take({ pc_id: `OFF-${i}`, at });
  }
  mono = 100_000;
  for (const pc of ['THERE', 'JUNK']) {
    row.run('forgotten', pc, `r-${pc}`, now - HOUR);
    agents.beats.take({ pc_id: pc, at });
  }
  const asked: string[] = [];
  nats.subscribe('control.*.ping', ({ subject, reply }) => {
    const pc = subject.split('.')[1]!;
    asked.push(pc);
    nats.publish(reply!, pc === 'JUNK' ? encode('junk') : encode({ heartbeat: { pc_id: pc, at }, known: [] }));
  });
  await nats.flush();
  await lookOnce({ nats, agents, db, clock: () => now, newId: () => 'x', log: quietLog }, new Map());
  expect(asked.sort()).toEqual(['JUNK', 'THERE']);
  const lost = await lastMessage(nats, 'EXECUTIONS', subjects.lost('forgotten'));
  expect(JSON.parse(Buffer.from(lost!.data).toString())).toMatchObject({ list: { pcs: ['THERE'] }, reason: 'unknown_to_agent' });
  expect(await lastMessage(nats, 'EXECUTIONS', subjects.lost('silent'))).toBeUndefined();
  stop.abort();
});
