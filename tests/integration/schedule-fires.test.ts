import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cancel } from '#backend/exec/cancel.ts';
import { encode } from '#core/contract/codec.ts';
import type { Command } from '#core/contract/command.ts';
import { cancelledKey } from '#core/contract/control.ts';
import { subjects } from '#core/contract/subjects.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { kvDelete, kvPut } from '#core/nats/kv.ts';
import { type Evidence, evidence, settled } from '#tests/support/evidence.ts';
import { execContext } from '#tests/support/exec-context.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { command, raw } from '#tests/support/projection.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

const hour = (n: number) => new Date(Date.UTC(2026, 0, 1) + n * 3600_000).toISOString();

/** Sends what a schedule fires, for the nth hour; the schedule is named after the PC. */
async function fire(pc: string, n: number, mark: Evidence, more: Partial<Command> = {}): Promise<string> {
  const exec = `${pc}-${n}${more.exec_id ?? ''}`;
  const fired = { schedule_id: `of-${pc}`, nominal_at: hour(n), script: mark.line, ...more, exec_id: exec };
  await raw(nats, subjects.commandPc(pc, exec), command(exec, fired));
  return exec;
}

const skipped = (reason: string) => ({ state: 'skipped', reason, started_at: null });

test('a PC that was off runs the newest fire only, and says of the others that they are superseded', async () => {
  await kanade.offAgent('AWAY1');
  const [first, second, third] = [1, 2, 3].map((n) => evidence(kanade, `away1-${n}`)) as [Evidence, Evidence, Evidence];
  const execs = [await fire('AWAY1', 1, first), await fire('AWAY1', 2, second), await fire('AWAY1', 3, third)] as const;
  // Time enough to start the first before the last is in: it is not to.
  await kanade.readyAgent('AWAY1', { slowAdmission: 300 });
  await kanade.backend.inState(execs[2], 'AWAY1', 'succeeded');
  expect(await kanade.backend.inState(execs[0], 'AWAY1', 'skipped')).toMatchObject(skipped('superseded'));
  expect(await kanade.backend.inState(execs[1], 'AWAY1', 'skipped')).toMatchObject(skipped('superseded'));
  await settled(kanade, 'AWAY1');
  expect(await Promise.all([first, second, third].map((mark) => mark.runs()))).toEqual([0, 0, 1]);
});

test('more fires than come at once: the newest is the last, and nothing starts before it has come', async () => {
  await kanade.offAgent('AWAY2');
  const mark = evidence(kanade, 'away2');
  const execs: string[] = [];
  for (let n = 1; n <= 70; n++) execs.push(await fire('AWAY2', n, mark));
  await kanade.readyAgent('AWAY2', { slowAdmission: 20 });
  await kanade.backend.inState(execs.at(-1)!, 'AWAY2', 'succeeded');
  await settled(kanade, 'AWAY2');
  expect(await mark.runs()).toBe(1);
});

test('what a PC had taken before it lost power gives way to what was fired meanwhile', async () => {
  await kanade.offAgent('AWAY3');
  const [old, fresh] = [evidence(kanade, 'away3-old'), evidence(kanade, 'away3-new')];
  const before = await fire('AWAY3', 1, old);
  expect(await kanade.startAgent('AWAY3', { crashAt: 'before_launch' }).exited).toBe('SIGKILL');
  const after = await fire('AWAY3', 2, fresh);
  await kanade.readyAgent('AWAY3', { slowAdmission: 300 });
  await kanade.backend.inState(after, 'AWAY3', 'succeeded');
  expect(await kanade.backend.inState(before, 'AWAY3', 'skipped')).toMatchObject(skipped('superseded'));
  expect([await old.runs(), await fresh.runs()]).toEqual([0, 1]);
});

test('what has run supersedes an older fire that comes late, over a restart too; a retry of it, and what names no time, runs', async () => {
  const agent = await kanade.readyAgent('LATE');
  const [done, late, other] = [evidence(kanade, 'late-done'), evidence(kanade, 'late-old'), evidence(kanade, 'late-other')];
  await kanade.backend.inState(await fire('LATE', 5, done), 'LATE', 'succeeded');
  await agent.stop();
  await kanade.readyAgent('LATE');
  expect(await kanade.backend.inState(await fire('LATE', 4, late), 'LATE', 'skipped')).toMatchObject(skipped('superseded'));
  await kanade.backend.inState(await fire('LATE', 5, done, { exec_id: '-retry' }), 'LATE', 'succeeded');
  await kanade.backend.inState(await fire('LATE', 3, other, { schedule_id: 'another' }), 'LATE', 'succeeded');
  const { nominal_at: _, ...timeless } = command('LATE-timeless', { schedule_id: 'of-LATE', script: other.line });
  await raw(nats, subjects.commandPc('LATE', 'LATE-timeless'), timeless);
  await kanade.backend.inState('LATE-timeless', 'LATE', 'succeeded');
  expect([await done.runs(), await late.runs(), await other.runs()]).toEqual([2, 0, 2]);
});

test('what was fired while the clock of the broker was days ahead supersedes nothing once it is right again', async () => {
  await kanade.readyAgent('AHEAD');
  const mark = evidence(kanade, 'ahead');
  const inDays = (days: number) => ({ nominal_at: new Date(Date.now() + days * 86_400_000).toISOString() });
  await kanade.backend.inState(await fire('AHEAD', 1, mark, inDays(2)), 'AHEAD', 'succeeded');
  await kanade.backend.inState(await fire('AHEAD', 2, mark, inDays(0)), 'AHEAD', 'succeeded');
  expect(await kanade.backend.inState(await fire('AHEAD', 3, mark, inDays(-1)), 'AHEAD', 'skipped')).toMatchObject(skipped('superseded'));
  expect(await mark.runs()).toBe(2);
});

test.each([
  ['a freeze', 'ICE1', encode({ reason: 'year end', since: hour(0), by: 'alice' }), /2026-01-01T00:00:00.000Z by alice: year end/],
  ['a freeze that nobody can read', 'ICE2', encode(['?']), /cannot be read/],
])('%s stops what schedules fire, not what people send, until it is gone', async (_, pc, value, detail) => {
  const [fired, sent] = [evidence(kanade, `${pc}-fired`), evidence(kanade, `${pc}-sent`)];
  await kvPut(nats, 'config', 'freeze', value);
  await kanade.readyAgent(pc);
  for (const exec of [await fire(pc, 1, fired), await fire(pc, 2, fired, { nominal_at: undefined })]) {
    const row = await kanade.backend.inState(exec, pc, 'skipped');
    expect(row).toMatchObject(skipped('frozen'));
    expect((await kanade.backend.get(`/results/${row.result_id}`)).detail).toMatch(detail);
  }
  const exec = await kanade.backend.submit({ script: sent.line, target: { pcs: [pc] } });
  await kanade.backend.inState(exec, pc, 'succeeded');
  expect([await fired.runs(), await sent.runs()]).toEqual([0, 1]);

  await kvDelete(nats, 'config', 'freeze');
  // No sync tells the PC of it: it asks again before it skips anything for a freeze that it remembers.
  await kanade.backend.inState(await fire(pc, 10, fired), pc, 'succeeded');
  expect(await fired.runs()).toBe(1);
});

test('what the backend supersedes is skipped where it has not started and runs on where it has; any other word ends it', async () => {
  const { backend } = kanade;
  await kanade.readyAgent('WORD');
  const gate = join(kanade.dir, 'word-gate');
  const script = `while [ ! -e ${gate} ]; do sleep 0.1; done`;
  const submit = () => backend.submit({ script, target: { pcs: ['WORD'] } });
  const [runsOn, cancelled, unreadable] = [await submit(), await submit(), await submit()];
  // Of the others those run as well for which this machine has a turn.
  await backend.inState(runsOn, 'WORD', 'running');
  const entry = (reason: string | null) => encode({ at: hour(0), actor: 'scheduler', reason });
  await kvPut(nats, 'cancelled', cancelledKey(runsOn), entry('superseded'));
  await kvPut(nats, 'cancelled', cancelledKey(unreadable), encode('superseded'));
  // Superseded as a whole and cancelled for this PC: cancelled.
  await kvPut(nats, 'cancelled', cancelledKey(cancelled), entry('superseded'));
  await backend.call('POST', `/executions/${cancelled}/cancel`, { pcs: ['WORD'] });
  await backend.inState(cancelled, 'WORD', 'killed', 'cancelled');
  await backend.inState(unreadable, 'WORD', 'killed', 'cancelled');
  expect((await backend.target(runsOn, 'WORD')).state).toBe('running');
  await writeFile(gate, '');
  await backend.inState(runsOn, 'WORD', 'succeeded');
});

test('a command that waits on a PC and is superseded by the backend says so itself', async () => {
  await kanade.offAgent('WORD2');
  const mark = evidence(kanade, 'word2');
  const exec = await kanade.backend.submit({ script: mark.line, target: { pcs: ['WORD2'] } });
  expect(await kanade.startAgent('WORD2', { crashAt: 'before_launch' }).exited).toBe('SIGKILL');
  await kvPut(nats, 'cancelled', cancelledKey(exec, 'WORD2'), encode({ at: hour(0), actor: 'scheduler', reason: 'superseded' }));
  await kanade.readyAgent('WORD2');
  const row = await kanade.backend.inState(exec, 'WORD2', 'skipped');
  expect(row).toMatchObject(skipped('superseded'));
  expect(row.result_id).not.toBeNull();
  expect(await mark.runs()).toBe(0);
});

test('what the backend supersedes for a PC that is off is skipped at once, leaves its queue and never runs', async () => {
  await kanade.offAgent('WORD3');
  const mark = evidence(kanade, 'word3');
  const exec = await kanade.backend.submit({ script: mark.line, target: { pcs: ['WORD3'] } });
  await until('it is stored', () => lastMessage(nats, 'EXEC', subjects.commandPc('WORD3', exec)));
  await using ctx = await execContext(kanade.broker.url, kanade.backend.dataDir);
  expect((await cancel(ctx, { actor: 'scheduler', execId: exec, reason: 'superseded' })).cancelled).toBe(1);
  expect(await kanade.backend.inState(exec, 'WORD3', 'skipped')).toMatchObject({ ...skipped('superseded'), result_id: null });
  expect((await kanade.backend.get(`/executions/${exec}`)).counts).toMatchObject({ skipped: 1, cancelled: 0, queued: 0 });
  expect((await kanade.backend.get('/agents/WORD3/queue')).items).toEqual([]);
  await kanade.readyAgent('WORD3');
  await settled(kanade, 'WORD3');
  expect(existsSync(mark.path)).toBe(false);
});
