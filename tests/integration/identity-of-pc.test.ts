import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { subjects } from '#core/contract/subjects.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { caughtUp } from '#tests/support/api-answers.ts';
import { evidence, settled } from '#tests/support/evidence.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { command, raw } from '#tests/support/projection.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

beforeAll(async () => {
  // A PC that is always off keeps executions open, so that their commands stay in the queue.
  await kanade.offAgent('SOMEOFF');
});

/** Waits for an event of this kind about this PC. */
function event(pc: string, kind: string, detail: RegExp): Promise<Json> {
  return until(`${kind} of ${pc} is reported`, async () => {
    const { items } = await kanade.backend.get(`/events?pc=${pc}&kind=${kind}&limit=500`);
    return items.find((item: Json) => detail.test(item.detail)) ?? Promise.reject(new Error(JSON.stringify(items)));
  });
}

/** What was said of this PC in events of this kind. */
async function said(pc: string, kind: string): Promise<string[]> {
  return (await kanade.backend.get(`/events?pc=${pc}&kind=${kind}`)).items.map((item: Json) => item.detail);
}

async function ping(pc: string): Promise<Json> {
  return (await kanade.backend.call('POST', `/agents/${pc}/ping`)).body.heartbeat;
}

test.each([
  ['its data folder is deleted', 'EMPTIED', 'agent-EMPTIED'],
  ['it is imaged anew', 'IMAGED', 'another-folder'],
])('a PC runs nothing old again when %s: what it had not run it reports, and what is new runs', async (_, pc, folder) => {
  const agent = await kanade.readyAgent(pc);
  const { enrolled_at: before } = await kanade.backend.get(`/agents/${pc}`);
  const ran = evidence(kanade, `${pc}-ran`);
  const all = evidence(kanade, `${pc}-all`);
  const queued = evidence(kanade, `${pc}-queued`);
  const mine = await kanade.backend.submit({ script: ran.line, target: { pcs: [pc, 'SOMEOFF'] } });
  const broadcast = await kanade.backend.submit({ script: `pwd | grep -q ${pc} && ${all.line}; true`, target: { all: true } });
  const rows = [await kanade.backend.inState(mine, pc, 'succeeded'), await kanade.backend.inState(broadcast, pc, 'succeeded')];
  await agent.stop();
  const late = await kanade.backend.submit({ script: queued.line, target: { pcs: [pc] } });
  await until('it is stored', () => lastMessage(nats, 'EXEC', subjects.commandPc(pc, late)));
  for (const subject of [subjects.commandPc(pc, mine), subjects.commandAll(broadcast)]) {
    expect(await lastMessage(nats, 'EXEC', subject)).toBeDefined();
  }
  await rm(kanade.agentDir(pc), { recursive: true, force: true });
  kanade.startAgent(pc, { dataDir: join(kanade.dir, folder) });
  expect(await kanade.backend.inState(late, pc, 'skipped')).toMatchObject({ reason: 'issued_before_enrolment', started_at: null });
  await event(pc, 'enrolled', /data folder is new/);
  expect(Date.parse((await kanade.backend.get(`/agents/${pc}`)).enrolled_at)).toBeGreaterThan(Date.parse(before));
  await settled(kanade, pc);
  expect([await ran.runs(), await all.runs(), await queued.runs()]).toEqual([1, 1, 0]);
  // That it no longer knows of them changes nothing of what it said when it did.
  expect(await kanade.backend.target(mine, pc)).toEqual(rows[0]);
  expect(await kanade.backend.target(broadcast, pc)).toEqual(rows[1]);
});

test('a PC that loses its data folder mid-run: what became of it is unknown, and it does not run again', async () => {
  const agent = await kanade.readyAgent('LOST1');
  const mark = evidence(kanade, 'lost1');
  const exec = await kanade.backend.submit({ script: `${mark.line}; exec sleep 60`, target: { pcs: ['LOST1'] } });
  await kanade.backend.inState(exec, 'LOST1', 'running');
  await until('the script runs', async () => (await mark.runs()) === 1);
  await agent.kill();
  await rm(kanade.agentDir('LOST1'), { recursive: true, force: true });
  kanade.startAgent('LOST1');
  await kanade.backend.inState(exec, 'LOST1', 'unknown');
  await settled(kanade, 'LOST1');
  expect(await mark.runs()).toBe(1);
});

test('a first-time PC is not told of what was sent to all before it came', async () => {
  const exec = await kanade.backend.submit({ script: 'true', target: { all: true } });
  await until('it is stored', () => lastMessage(nats, 'EXEC', subjects.commandAll(exec)));
  await kanade.readyAgent('FRESH');
  await settled(kanade, 'FRESH');
  expect((await kanade.backend.targets(exec)).map(({ pc_id }) => pc_id)).not.toContain('FRESH');
});

test('a second agent on one folder is refused and reported, and the first one goes on', async () => {
  const first = await kanade.readyAgent('FOLDER');
  const second = kanade.startAgent('FOLDER');
  await expect(second.ready).rejects.toMatchObject({ code: 'folder_in_use', message: expect.stringContaining(String(first.child.pid)) });
  expect(await second.exited).toBe(1);
  expect(await event('FOLDER', 'conflict', /second agent/)).toMatchObject({ code: 'folder_in_use' });
  await settled(kanade, 'FOLDER');
});

test('of two PCs with one id the newcomer is refused and reported, and the first goes on, also when the broker was away', async () => {
  const first = await kanade.readyAgent('DOUBLE');
  const other = kanade.startAgent('DOUBLE', { dataDir: join(kanade.dir, 'double-other') });
  await other.ready;
  expect(await event('DOUBLE', 'conflict', /two PCs answer to DOUBLE/)).toMatchObject({ code: 'pc_id_conflict' });
  expect(await kanade.backend.get('/agents/DOUBLE')).toMatchObject({ conflict: true, online: true, replay_state: 'ready' });
  const runs = await ranIn('DOUBLE');
  expect(runs).toEqual([kanade.agentDir('DOUBLE')]);
  await kanade.broker.restart();
  expect(await ranIn('DOUBLE')).toEqual([kanade.agentDir('DOUBLE')]);
  expect(await kanade.backend.get('/agents/DOUBLE')).toMatchObject({ conflict: true });
  // That the newcomer leaves is no news of the PC, nor that it came.
  await other.stop();
  await caughtUp(kanade.backend);
  expect((await said('DOUBLE', 'online')).toSorted()).toEqual(['agent 0.0.0-test started', 'the connection is back']);
  expect(await said('DOUBLE', 'stopping')).toEqual([]);
  expect((await kanade.backend.get('/agents/DOUBLE')).online).toBe(true);
  expect(await ranIn('DOUBLE')).toEqual([kanade.agentDir('DOUBLE')]);
  // Once the first has gone the newcomer is that PC, imaged anew; and the first is then the one who has no place.
  await first.stop();
  kanade.startAgent('DOUBLE', { dataDir: join(kanade.dir, 'double-other') });
  await event('DOUBLE', 'enrolled', /data folder is new/);
  expect(await ranIn('DOUBLE')).toEqual([join(kanade.dir, 'double-other')]);
  await kanade.startAgent('DOUBLE').ready;
  await until('it is refused', async () => (await kanade.backend.get('/agents/DOUBLE')).conflict);
  expect(await ranIn('DOUBLE')).toEqual([join(kanade.dir, 'double-other')]);
});

test('two running copies of one disk are noticed and both refused', async () => {
  const agent = await kanade.readyAgent('COPIED');
  await agent.stop();
  const copy = join(kanade.dir, 'copied-other');
  await cp(kanade.agentDir('COPIED'), copy, { recursive: true });
  await kanade.readyAgent('COPIED');
  await kanade.startAgent('COPIED', { dataDir: copy }).ready;
  expect(await event('COPIED', 'conflict', /two PCs answer to COPIED/)).toMatchObject({ code: 'pc_id_conflict' });
  expect((await kanade.backend.get('/agents/COPIED')).conflict).toBe(true);
  await until('whoever answers is refused', async () => {
    const problems: Json[] = (await ping('COPIED')).problems;
    return problems.some(({ code }) => code === 'not_enrolled');
  });
});

test('a script that is cancelled while it runs is killed', async () => {
  await kanade.readyAgent('CANCEL');
  const mark = evidence(kanade, 'cancel');
  const exec = await kanade.backend.submit({ script: `echo before; ${mark.line}; sleep 600`, target: { pcs: ['CANCEL'] } });
  await until('the script runs', async () => (await mark.runs()) === 1);
  expect((await kanade.backend.call('POST', `/executions/${exec}/cancel`, {})).body).toEqual({ cancelled: 1 });
  const row = await kanade.backend.inState(exec, 'CANCEL', 'killed');
  expect(row).toMatchObject({ reason: 'cancelled' });
  expect(await kanade.backend.get(`/results/${row.result_id}`)).toMatchObject({ outcome: 'killed', stdout: 'before\n' });
  const again = await kanade.backend.call('POST', `/executions/${exec}/rerun`, { states: ['killed', 'failed'] });
  expect(again.status).toBe(202);
  await until('it runs again', async () => (await mark.runs()) === 2);
  await kanade.backend.call('POST', `/executions/${again.body.exec_id}/cancel`, { pcs: ['CANCEL'] });
  await kanade.backend.inState(again.body.exec_id, 'CANCEL', 'killed');
});

test('a retired PC is settled, refused, and reported when it goes on talking', async () => {
  const agent = await kanade.readyAgent('RETIRED');
  const running = evidence(kanade, 'retired-running');
  const after = evidence(kanade, 'retired-after');
  const runs = await kanade.backend.submit({ script: `${running.line}; exec sleep 600`, target: { pcs: ['RETIRED'] } });
  const waits = await kanade.backend.submit({ script: after.line, target: { pcs: ['RETIRED'] }, jitter: '7d' });
  await kanade.backend.inState(runs, 'RETIRED', 'running');
  await until('the script runs', async () => (await running.runs()) === 1);
  expect((await kanade.backend.call('DELETE', '/agents/RETIRED')).body).toEqual({ pc_id: 'RETIRED', settled: 2 });
  expect((await kanade.backend.target(runs, 'RETIRED')).state).toBe('lost');
  expect((await kanade.backend.target(waits, 'RETIRED')).state).toBe('cancelled');
  const submitted = await kanade.backend.call('POST', '/executions', { shell: 'sh', script: 'true', target: { pcs: ['RETIRED'] } });
  expect(submitted).toMatchObject({ status: 422, body: { code: 'unknown_pc' } });
  await until('the PC knows', async () => (await ping('RETIRED')).problems.some(({ detail }: Json) => detail === 'retired'));
  const exec = 'after-retirement';
  await raw(nats, subjects.commandPc('RETIRED', exec), command(exec, { script: after.line }));
  await agent.stop();
  // Its last word counts: what ran is known after all.
  await kanade.backend.inState(runs, 'RETIRED', 'unknown');
  const restarted = kanade.startAgent('RETIRED');
  await event('RETIRED', 'retired_seen', /still sends heartbeats/);
  await until('the PC knows', async () => (await ping('RETIRED')).problems.some(({ detail }: Json) => detail === 'retired'));
  expect(await after.runs()).toBe(0);
  const shown = await kanade.backend.get('/agents/RETIRED');
  expect(shown).toMatchObject({ retired_at: expect.any(String), last_heartbeat: expect.any(String), online: false });
  await restarted.stop();
  await caughtUp(kanade.backend);
  expect(await said('RETIRED', 'online')).toHaveLength(1);
  expect(await said('RETIRED', 'stopping')).toEqual([]);

  expect((await kanade.backend.call('POST', '/agents/RETIRED/readmit')).status).toBe(200);
  await until('it is gone', async () => (await kanade.backend.call('GET', '/agents/RETIRED')).status === 404);
  kanade.startAgent('RETIRED');
  await until('it is enrolled', async () => (await kanade.backend.call('GET', '/agents/RETIRED')).status === 200);
  await kanade.backend.agentReady('RETIRED');
  await settled(kanade, 'RETIRED');
  expect(await after.runs()).toBe(0);
});

/** In which data folders a script sent to this PC runs. */
async function ranIn(pc: string): Promise<string[]> {
  const exec = await until('it is submitted', () => kanade.backend.submit({ script: 'pwd', target: { pcs: [pc] } }));
  const row = await kanade.backend.inState(exec, pc, 'succeeded');
  const { stdout } = await kanade.backend.get(`/results/${row.result_id}`);
  return [stdout.slice(0, stdout.indexOf('/agent/run/'))];
}
