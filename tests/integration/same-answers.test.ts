import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { giveUp } from '#backend/exec/deadlines.ts';
import { streamInfo } from '#core/nats/jetstream.ts';
import { allAnswers, caughtUp } from '#tests/support/api-answers.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { raw, result, resultOf, started } from '#tests/support/projection.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();
let before: Record<string, Json>;

beforeAll(async () => {
  await history();
  await caughtUp(kanade.backend);
  before = await allAnswers(kanade.backend);
});

/** A bit of everything: all outcomes, what the backend infers, late results, chunks, dead letters, a job, a retired PC. */
async function history(): Promise<void> {
  const { backend } = kanade;
  await kanade.readyAgent('on');
  const off = await kanade.readyAgent('off');
  const leaves = await kanade.readyAgent('leaves');
  await off.stop();
  const on = { pcs: ['on'] };
  const run = async (script: string, state: string, more: Record<string, unknown> = {}) => {
    const exec = await backend.submit({ script, target: on, ...more });
    return { exec, row: await backend.inState(exec, 'on', state) };
  };
  await run('echo fine', 'succeeded');
  const failed = await run('echo bad >&2; exit 3', 'failed');
  await run('exit 1641', 'failed');
  await run('sleep 60', 'timed_out', { timeout: '1s' });
  await run('head -c 600000 /dev/zero', 'succeeded');
  await run("printf 'a\\377b'", 'succeeded');

  const long = await backend.submit({ script: 'sleep 60', target: on });
  await backend.inState(long, 'on', 'running');
  await backend.call('POST', `/executions/${long}/cancel`);
  await backend.inState(long, 'on', 'killed');

  await backend.submit({ script: 'echo later', target: { all: true }, expires_in: '7d' });
  const partly = await backend.submit({ script: 'true', target: { pcs: ['on', 'off'] } });
  await backend.call('POST', `/executions/${partly}/cancel`, { pcs: ['off'] });
  const expired = await backend.submit({ script: 'true', target: { pcs: ['off'] }, expires_in: '1s' });
  await backend.inState(expired, 'off', 'expired');
  await backend.call('POST', `/executions/${failed.exec}/rerun`, { states: ['failed'] });

  const lost = await backend.submit({ script: 'true', target: { pcs: ['off'] } });
  await started(nats, lost, 'OFF');
  await giveUp({ nats, clock: Date.now }, lost, ['OFF'], 'no_answer');
  await backend.inState(lost, 'off', 'lost');
  const late = await backend.submit({ script: 'true', target: { pcs: ['off'] } });
  await backend.call('POST', `/executions/${late}/cancel`);
  await result(nats, late, 'OFF', { outcome: 'unknown', reason: 'agent_stop', exit_code: null });
  await backend.inState(late, 'off', 'unknown');

  // What the seeds send, and what nobody should.
  await started(nats, 'seed-exec', 'ON', { request_id: crypto.randomUUID(), result_id: crypto.randomUUID() });
  await raw(nats, `results.${lost}.ON`, resultOf(lost, 'OFF'));
  await raw(nats, `events.started.${lost}.ON`, new TextEncoder().encode('no JSON'));
  await raw(nats, 'executions.unheard.of', {});

  await backend.call('PUT', '/jobs/cleanup', { id: 'cleanup', version: '1', execute: { shell: 'sh', script: 'echo job', timeout: '60s' } });
  const job = await backend.call('POST', '/executions', { job_id: 'cleanup', target: on });
  await backend.inState(job.body.exec_id, 'on', 'succeeded');
  await backend.call('POST', '/jobs/cleanup/revoke');
  await backend.call('PUT', '/agents/on/groups', { groups: ['lab', 'all-of-us'] });
  await backend.call('GET', '/agents/on/groups');
  await backend.call('POST', '/executions', { shell: 'sh', script: 'x', target: { pcs: ['nobody'] } });
  await leaves.stop();
  await backend.call('DELETE', '/agents/leaves');
  await until('what the PC that stays has to do is done', async () =>
    (await backend.get('/agents/on/queue')).items.every((row: Json) => row.exec_id === 'seed-exec'),
  );
}

test('the history has something of everything', async () => {
  const states = new Set<string>();
  for (const [path, answer] of Object.entries(before))
    if (/^\/executions\/[^/]+\/targets$/.test(path)) for (const row of answer) states.add(row.state);
  expect([...states].sort()).toEqual(
    ['cancelled', 'expired', 'failed', 'killed', 'lost', 'queued', 'running', 'succeeded', 'timed_out', 'unknown'].sort(),
  );
  expect(before['/dead-letters']).toHaveLength(3);
  expect(before['/audit'].length).toBeGreaterThan(10);
  expect(before['/events'].length).toBeGreaterThan(5);
});

test('a second backend gives the same answers', async () => {
  const second = await kanade.startBackend('two');
  await caughtUp(second);
  expect(await allAnswers(second)).toEqual(before);
  expect(await allAnswers(kanade.backend)).toEqual(before);
  await second.process.stop();
});

test('a deleted projection.db comes back by replay with the same answers, row for row', async () => {
  await kanade.backend.process.kill();
  for (const suffix of ['', '-wal', '-shm']) await rm(join(kanade.backend.dataDir, 'backend', `projection.db${suffix}`), { force: true });
  kanade.backend = await kanade.startBackend();
  await caughtUp(kanade.backend);
  const info = await streamInfo(nats, 'RESULTS');
  expect(info.state.messages).toBeGreaterThan(10);
  expect(await allAnswers(kanade.backend)).toEqual(before);
});

test('deleted under a running backend, it is noticed at the next start at the latest and nothing is missing', async () => {
  const path = join(kanade.backend.dataDir, 'backend', 'projection.db');
  for (const suffix of ['', '-wal', '-shm']) await rm(`${path}${suffix}`, { force: true });
  const exec = await kanade.backend.submit({ script: 'echo after', target: { pcs: ['on'] } });
  await kanade.backend.process.stop();
  kanade.backend = await kanade.startBackend();
  await kanade.backend.inState(exec, 'on', 'succeeded');
  await caughtUp(kanade.backend);
  const after = await allAnswers(kanade.backend);
  for (const path of Object.keys(before).filter((path) => /^\/(results|executions\/)/.test(path)))
    expect([path, after[path]]).toEqual([path, before[path]]);
});
