import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { api } from '#core/nats/jetstream.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { halfOpenLink } from '../support/half-open.ts';
import { until } from '../support/until.ts';

const { kanade, nats } = await kanadeOfFile();

beforeAll(async () => {
  await Promise.all([kanade.readyAgent('race1'), kanade.readyAgent('race2')]);
});

/** Keeps submissions from being dispatched, as a full EXEC or a dead backend does. */
async function pauseDispatch(seconds: number): Promise<void> {
  const until = seconds > 0 ? new Date(Date.now() + seconds * 1000) : new Date(0);
  await api(nats, 'CONSUMER.PAUSE.EXECUTIONS.backend_dispatcher', { pause_until: until.toISOString() });
}

const leaves = (name: string) => `echo ran >> ${join(kanade.dir, name)}-$KANADE_RESULT_ID`;

test.each([
  ['one PC of some', { pcs: ['RACE1', 'RACE2'] }],
  ['one PC of all', { all: true }],
])(
  'what is cancelled for %s before it is sent is never run there, and runs on the others',
  async (_, target) => {
    const { backend } = kanade;
    await pauseDispatch(3600);
    const id = await backend.submit({ script: leaves('A'), target });
    const { body } = await backend.call('POST', `/executions/${id}/cancel`, { pcs: ['race1', 'RACE1'] });
    expect(body).toEqual({ cancelled: 1 });
    await pauseDispatch(0);
    await backend.inState(id, 'race2', 'succeeded');
    // What comes after it on the same PC has run: had it been sent there, it would have been before.
    const after = await backend.submit({ script: 'true', target: { pcs: ['race1'] } });
    await backend.inState(after, 'race1', 'succeeded');
    const row = await backend.target(id, 'race1');
    expect(row.state).toBe('cancelled');
    expect(existsSync(`${join(kanade.dir, 'A')}-${(await backend.target(id, 'race2')).result_id}`)).toBe(true);
    expect(row.started_at).toBeNull();
  },
  60_000,
);

test('what is cancelled while it waits for its turn on a PC whose link died silently is never run', async () => {
  const { backend } = kanade;
  await using link = await halfOpenLink(kanade.broker.port);
  await kanade.readyAgent('silent', { nats: link.url });
  const gate = join(kanade.dir, 'gate');
  const blockers = await Promise.all(
    Array.from({ length: availableParallelism() }, () =>
      backend.submit({ script: `while [ ! -e ${gate} ]; do sleep 0.1; done`, target: { pcs: ['silent'] } }),
    ),
  );
  for (const id of blockers) await backend.inState(id, 'silent', 'running');
  const marker = join(kanade.dir, 'never');
  const id = await backend.submit({ script: `echo x > ${marker}`, target: { pcs: ['silent'] } });
  await until('the command waits on the PC', async () => {
    const { body } = await backend.call('POST', '/agents/SILENT/ping');
    return body.heartbeat?.pending === 1;
  });
  // What starts at once is not asked about again; this one has waited for longer than that.
  await sleep(2500);
  link.silence();
  expect((await backend.call('POST', `/executions/${id}/cancel`, {})).body.cancelled).toBe(1);
  // Its turn comes while the agent still takes its connection for alive.
  await writeFile(gate, '');
  link.cut();
  for (const blocker of blockers) await backend.inState(blocker, 'silent', 'succeeded');
  const after = await backend.submit({ script: 'true', target: { pcs: ['silent'] } });
  await backend.inState(after, 'silent', 'succeeded');
  expect(existsSync(marker)).toBe(false);
  expect((await backend.target(id, 'silent')).state).toBe('cancelled');
}, 90_000);

test('a row given up as lost can still be cancelled', async () => {
  const { backend } = kanade;
  await kanade.readyAgent('lost');
  const id = await backend.submit({ script: 'sleep 300', target: { pcs: ['lost'] } });
  await backend.inState(id, 'lost', 'running');
  const lost = { exec_id: id, at: new Date().toISOString(), list: { pcs: ['LOST'] }, reason: 'no_answer' };
  await nats.publishStored(`executions.lost.${id}`, new TextEncoder().encode(JSON.stringify(lost)));
  await backend.inState(id, 'lost', 'lost');
  expect((await backend.call('POST', `/executions/${id}/cancel`, {})).body.cancelled).toBe(1);
  await backend.inState(id, 'lost', 'killed');
}, 60_000);
