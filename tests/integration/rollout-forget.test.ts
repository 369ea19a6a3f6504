import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { abort, pause } from '#backend/rollouts/change-rollout.ts';
import { forgetOld } from '#backend/rollouts/forget-old.ts';
import { readNote } from '#backend/rollouts/rollout-note.ts';
import { createRollout, readRollout } from '#backend/rollouts/rollout-store.ts';
import { completed, halted } from '#backend/rollouts/steps.ts';
import type { AuditEntry } from '#core/contract/audit.ts';
import type { Rollout } from '#core/contract/rollout.ts';
import { subjects } from '#core/contract/subjects.ts';
import type { Nats } from '#core/nats/connection.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { Mirror } from '#core/nats/mirror.ts';
import { startTestBroker, type TestBroker } from '#tests/support/broker.ts';
import { makeBucket, makeStream, testConnection } from '#tests/support/projection.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { startedRollout, T0 } from '#tests/support/rollouts.ts';
import { until } from '#tests/support/until.ts';

const DAY = 86_400_000;
const stop = new AbortController();
const rollouts = new Mirror(readNote);
let broker: TestBroker;
let nats: Nats;

beforeAll(async () => {
  broker = await startTestBroker();
  nats = await testConnection(broker.url, stop.signal);
  await makeStream(nats, 'AUDIT');
  await makeBucket(nats, 'rollouts');
  await rollouts.start(nats, 'rollouts', { log: quietLog, signal: stop.signal });
});
afterAll(async () => {
  await nats?.close();
  stop.abort();
  await broker?.[Symbol.asyncDispose]();
});

const statusOf = async (id: string) => (await readRollout(nats, id))?.rollout.status;

test('what is over or has halted goes after 90 days; what is paused is aborted then, and goes later; what runs stays', async () => {
  const running = startedRollout({ waves: [1, '100%'] }, 3);
  const all: Record<string, Rollout> = {
    running,
    paused: pause(running, 'me', T0),
    halted: halted(running, { wave: 0, reason: 'failures', detail: '', offline_queued: 0 }, T0),
    aborted: abort(undefined)(running, 'me', T0),
    completed: completed(running, T0),
  };
  for (const [id, rollout] of Object.entries(all)) await createRollout(nats, { ...rollout, id });
  await until('all are known', () => rollouts.size === 5);
  const statuses = async () => Object.fromEntries(await Promise.all(Object.keys(all).map(async (id) => [id, await statusOf(id)] as const)));
  const forgetAt = (now: number) => forgetOld({ nats, rollouts, clock: () => now, newId: randomUUID, log: quietLog });

  await forgetAt(T0 + 90 * DAY - 1);
  expect(Object.values(await statuses())).not.toContain(undefined);
  await forgetAt(T0 + 90 * DAY);
  const after = { running: 'running', paused: 'aborted', halted: undefined, aborted: undefined, completed: undefined };
  expect(await statuses()).toEqual(after);
  const said = await lastMessage(nats, 'AUDIT', subjects.audit('scheduler', 'rollout_abort'));
  expect(JSON.parse(new TextDecoder().decode(said!.data)) as AuditEntry).toMatchObject({ target: 'rollouts/paused', result: 'ok' });

  await until('that is known', () => rollouts.size === 2 && JSON.stringify(rollouts.get('paused')).includes('"aborted"'));
  await forgetAt(T0 + 180 * DAY - 1);
  expect(await statuses()).toEqual(after);
  await forgetAt(T0 + 180 * DAY);
  expect(await statuses()).toEqual({ ...after, paused: undefined });
});
