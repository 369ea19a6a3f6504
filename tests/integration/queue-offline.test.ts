import { expect, test } from 'vitest';
import { replayDurable, subjects } from '#core/contract/subjects.ts';
import { consumerInfo, lastMessage } from '#core/nats/jetstream.ts';
import { type Evidence, evidence, settled } from '#tests/support/evidence.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { command, raw } from '#tests/support/projection.ts';
import { syncAll } from '#tests/support/seed.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

/** Everything that is stored for this PC has been taken by it, and nothing waits for its acknowledgement. */
function drained(pc: string): Promise<unknown> {
  return until(`the durable of ${pc} is empty`, async () => {
    const { num_pending, num_ack_pending } = await consumerInfo(nats, 'EXEC', replayDurable(pc));
    return num_pending === 0 && num_ack_pending === 0;
  });
}

function stored(subject: string): Promise<unknown> {
  return until(`${subject} is stored`, () => lastMessage(nats, 'EXEC', subject));
}

test('commands sent to a PC that is off all run when it is back, once each, started in their order', async () => {
  await kanade.offAgent('OFF1');
  const marks = ['a', 'b', 'c', 'd'].map((name) => evidence(kanade, `off1-${name}`));
  const execs: string[] = [];
  for (const { line } of marks) execs.push(await kanade.backend.submit({ script: line, target: { pcs: ['OFF1'] } }));
  for (const exec of execs) expect((await kanade.backend.target(exec, 'OFF1')).state).toBe('queued');
  expect((await kanade.backend.get('/agents/OFF1/queue')).items.map(({ exec_id }: { exec_id: string }) => exec_id)).toEqual(execs);
  kanade.startAgent('OFF1');
  const rows = [];
  for (const exec of execs) rows.push(await kanade.backend.inState(exec, 'OFF1', 'succeeded'));
  const starts = rows.map((row) => Date.parse(row.started_at));
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  await settled(kanade, 'OFF1');
  for (const mark of marks) expect(await mark.runs()).toBe(1);
  expect((await kanade.backend.get('/agents/OFF1/queue')).items).toEqual([]);
});

test('what expired while the PC was off is expired and never runs', async () => {
  await kanade.offAgent('OFF2');
  const late = evidence(kanade, 'off2-late');
  const exec = await kanade.backend.submit({ script: late.line, target: { pcs: ['OFF2'] }, expires_in: '1s' });
  expect((await kanade.backend.target(exec, 'OFF2')).state).toBe('queued');
  await kanade.backend.inState(exec, 'OFF2', 'expired');
  kanade.startAgent('OFF2');
  await settled(kanade, 'OFF2');
  expect(await late.runs()).toBe(0);
  expect((await kanade.backend.target(exec, 'OFF2')).state).toBe('expired');
});

test('what a PC had taken and then expired before it was switched on again does not run and says so', async () => {
  const agent = await kanade.readyAgent('OFF3', { crashAt: 'before_launch' });
  const late = evidence(kanade, 'off3-late');
  const exec = await kanade.backend.submit({ script: late.line, target: { pcs: ['OFF3'] }, expires_in: '8s' });
  expect(await agent.exited).toBe('SIGKILL');
  await kanade.backend.inState(exec, 'OFF3', 'expired');
  kanade.startAgent('OFF3');
  await until('the PC itself says so', async () => (await kanade.backend.target(exec, 'OFF3')).result_id);
  expect(await kanade.backend.target(exec, 'OFF3')).toMatchObject({ state: 'expired', reason: 'expired', started_at: null });
  await settled(kanade, 'OFF3');
  expect(await late.runs()).toBe(0);
});

test.each([
  ['the whole execution', 'OFF4', { pcs: ['OFF4'] }, undefined],
  ['that PC alone', 'OFF5', { pcs: ['OFF5', 'WITNESS'] }, ['off5']],
  ['that PC of a broadcast', 'OFF6', { all: true }, ['OFF6']],
])('cancelled for %s while the PC is off: it never runs there', async (_, pc, target, pcs) => {
  await witness();
  await kanade.offAgent(pc);
  const mark = evidence(kanade, `${pc}-cancelled`);
  const exec = await kanade.backend.submit({ script: ranOn(pc, mark), target });
  await stored('all' in target ? subjects.commandAll(exec) : subjects.commandPc(pc, exec));
  const before = pcs ? await kanade.backend.inState(exec, 'WITNESS', 'succeeded') : undefined;
  await cancel(exec, pcs);
  expect((await kanade.backend.target(exec, pc)).state).toBe('cancelled');
  kanade.startAgent(pc);
  await settled(kanade, pc);
  expect(await mark.runs()).toBe(0);
  expect((await kanade.backend.target(exec, pc)).state).toBe('cancelled');
  if (before) expect(await kanade.backend.target(exec, 'WITNESS')).toEqual(before);
});

test.each([
  ['the whole execution', 'CUT1', { pcs: ['CUT1'] }, undefined],
  ['that PC alone', 'CUT2', { pcs: ['CUT2', 'WITNESS'] }, ['CUT2']],
  ['that PC of a broadcast', 'CUT3', { all: true }, ['cut3']],
])('cancelled for %s after the PC had acknowledged it and lost power: it never runs there', async (_, pc, target, pcs) => {
  await witness();
  await kanade.offAgent(pc);
  const mark = evidence(kanade, `${pc}-cancelled`);
  const exec = await kanade.backend.submit({ script: ranOn(pc, mark), target });
  if (pcs) await kanade.backend.inState(exec, 'WITNESS', 'succeeded');
  await stored('all' in target ? subjects.commandAll(exec) : subjects.commandPc(pc, exec));
  // It takes the command from its queue, acknowledges it and dies right before it would start.
  expect(await kanade.startAgent(pc, { crashAt: 'before_launch' }).exited).toBe('SIGKILL');
  await drained(pc);
  expect((await kanade.backend.target(exec, pc)).state).toBe('queued');
  await cancel(exec, pcs);
  kanade.startAgent(pc);
  const row = await until('the PC itself says so', async () => {
    const found = await kanade.backend.target(exec, pc);
    return found.result_id ? found : false;
  });
  expect(row).toMatchObject({ state: 'cancelled', reason: 'cancelled', started_at: null });
  await settled(kanade, pc);
  expect(await mark.runs()).toBe(0);
});

test('what came live and is replayed as well runs once', async () => {
  await kanade.offAgent('OFF7');
  await kanade.readyAgent('LIVE1');
  const mark = evidence(kanade, 'live1');
  // The PC that is off keeps the execution open, so that its commands stay in the queue.
  const exec = await kanade.backend.submit({ script: mark.line, target: { pcs: ['LIVE1', 'OFF7'] } });
  await kanade.backend.inState(exec, 'LIVE1', 'succeeded');
  const { delivered } = await consumerInfo(nats, 'EXEC', replayDurable('LIVE1'));
  await stored(subjects.commandPc('LIVE1', exec));
  await syncAll(kanade.backend);
  await drained('LIVE1');
  expect((await consumerInfo(nats, 'EXEC', replayDurable('LIVE1'))).delivered.consumer_seq).toBeGreaterThan(delivered.consumer_seq);
  await settled(kanade, 'LIVE1');
  expect(await mark.runs()).toBe(1);
  expect((await kanade.backend.target(exec, 'LIVE1')).state).toBe('succeeded');
});

test('a PC that an execution names twice, by itself and by its group, runs it once', async () => {
  await kanade.readyAgent('TWICE1');
  await kanade.backend.call('PUT', '/agents/twice1/groups', { groups: ['lab'] });
  await until('the group is known', async () => (await kanade.backend.get('/agents/TWICE1')).groups.length === 1);
  const mark = evidence(kanade, 'twice1');
  const exec = await kanade.backend.submit({ script: mark.line, target: { pcs: ['TWICE1', 'twice1'], groups: ['lab'] } });
  await kanade.backend.inState(exec, 'TWICE1', 'succeeded');
  expect(await kanade.backend.targets(exec)).toHaveLength(1);
  await settled(kanade, 'TWICE1');
  expect(await mark.runs()).toBe(1);
});

test.each([
  ['while it listens', 'TWICE2', true],
  ['while it is off', 'TWICE3', false],
])('the same command on every subject that reaches a PC, %s, runs once', async (_, pc, on) => {
  if (on) await kanade.readyAgent(pc);
  else await kanade.offAgent(pc);
  await kanade.backend.call('PUT', `/agents/${pc}/groups`, { groups: [pc] });
  await until('its durable hears the group', async () =>
    JSON.stringify((await consumerInfo(nats, 'EXEC', replayDurable(pc))).config).includes(`commands.group.${pc}`),
  );
  const mark = evidence(kanade, pc);
  const exec = `raw-${pc}`;
  const body = command(exec, { script: mark.line });
  // Everybody else in this file hears the broadcast forms as well, so these name the PC in some way.
  for (const subject of [subjects.commandPc(pc, exec), `commands.pc.${pc}`, subjects.commandPc(pc, 'another'), `commands.group.${pc}`]) {
    await raw(nats, subject, body);
    await raw(nats, subject, body);
  }
  if (!on) kanade.startAgent(pc);
  await kanade.backend.inState(exec, pc, 'succeeded');
  await syncAll(kanade.backend);
  await drained(pc);
  await settled(kanade, pc);
  expect(await mark.runs()).toBe(1);
  expect((await kanade.backend.get(`/events?pc=${pc}&kind=refused`)).items).toEqual([]);
});

/** Scripts run in the data folder of their agent: this leaves evidence on that one PC only. */
function ranOn(pc: string, { line }: Evidence): string {
  return `pwd | grep -qF ${kanade.agentDir(pc)}/ || exit 0; ${line}`;
}

let witnessed: Promise<unknown> | undefined;
/** One PC that is on throughout and runs what is not cancelled for it. */
function witness(): Promise<unknown> {
  witnessed ??= kanade.readyAgent('WITNESS');
  return witnessed;
}

async function cancel(exec: string, pcs: string[] | undefined): Promise<void> {
  const answer = await kanade.backend.call('POST', `/executions/${exec}/cancel`, pcs === undefined ? {} : { pcs });
  expect(answer).toMatchObject({ status: 200, body: { cancelled: 1 } });
}
