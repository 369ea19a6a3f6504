import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { subjects } from '#core/contract/subjects.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { evidence, gone, settled } from '#tests/support/evidence.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

interface Crash {
  at: string;
  on?: string;
  state: string;
  reason?: string;
  runs: number;
}

const RAN = { state: 'succeeded', runs: 1 };
const DIED = { state: 'unknown', reason: 'agent_died' };

test.each<Crash>([
  { at: 'before_ledger', ...RAN },
  { at: 'before_ack', ...RAN },
  { at: 'before_launch', ...RAN },
  { at: 'before_start', ...DIED, runs: 0 },
  // The news of the start is on disk before the process is started, and goes out at once.
  { at: 'before_publish', on: 'events.started', ...DIED, runs: 0 },
  { at: 'started', ...DIED, runs: 1 },
  { at: 'after_run', ...DIED, runs: 1 },
  { at: 'before_publish', on: 'results.', ...RAN },
  { at: 'published', on: 'results.', ...RAN },
])('an agent killed at $at $on has run it $runs times, and it ends as $state, once', async ({ at, on, state, reason, runs }) => {
  const pc = `CRASH-${at}-${on?.replaceAll('.', '') ?? ''}`.toUpperCase();
  const agent = await kanade.readyAgent(pc, { crashAt: at, ...(on === undefined ? {} : { crashOn: on }) });
  const mark = evidence(kanade, pc);
  // Killed right after the start, the script may be at its first line or past it: it is given the time to get there.
  const script = at === 'started' ? `${mark.line}; sleep 600` : mark.line;
  const exec = await kanade.backend.submit({ script, target: { pcs: [pc] } });
  expect(await agent.exited).toBe('SIGKILL');
  if (at === 'started') await until('the script runs', async () => (await mark.runs()) === 1);
  await expectOnce(pc, exec, { state, reason, runs, mark });
});

test.each<Crash>([
  { at: 'before_ledger', ...RAN },
  { at: 'before_ack', ...RAN },
])('an agent killed at $at while it takes its queue in runs it once after its next start', async ({ at, ...then }) => {
  const pc = `QUEUE-${at}`.toUpperCase();
  await kanade.offAgent(pc);
  const mark = evidence(kanade, pc);
  const exec = await kanade.backend.submit({ script: mark.line, target: { pcs: [pc] } });
  await until('it is stored', () => lastMessage(nats, 'EXEC', subjects.commandPc(pc, exec)));
  expect(await kanade.startAgent(pc, { crashAt: at }).exited).toBe('SIGKILL');
  await expectOnce(pc, exec, { ...then, mark });
});

test('an agent killed mid-run leaves no script behind, and says once that it does not know', async () => {
  const agent = await kanade.readyAgent('MIDRUN');
  const mark = evidence(kanade, 'midrun');
  // A grandchild in a session of its own belongs to the script as well.
  const exec = await kanade.backend.submit({
    script: `setsid sh -c '${mark.line}; exec sleep 600' & ${mark.line}; sleep 600`,
    target: { pcs: ['MIDRUN'] },
  });
  await kanade.backend.inState(exec, 'MIDRUN', 'running');
  await until('both run', async () => (await mark.runs()) === 2);
  await agent.kill();
  const pids = (await readFile(mark.path, 'utf8')).trim().split('\n').map(Number);
  for (const pid of pids) expect(await gone(pid)).toBe(false);
  await expectOnce('MIDRUN', exec, { ...DIED, runs: 2, mark });
  for (const pid of pids) expect(await gone(pid)).toBe(true);
});

test.each([
  ['an orderly stop', 'STOP1', 'agent_stop'],
  ['a reboot', 'STOP2', 'reboot'],
])('%s mid-run is unknown with its reason and the output so far', async (_, pc, reason) => {
  const agent = await kanade.readyAgent(pc);
  const mark = evidence(kanade, pc);
  const exec = await kanade.backend.submit({ script: `echo so far; echo oops >&2; ${mark.line}; sleep 600`, target: { pcs: [pc] } });
  await until('the script runs', async () => (await mark.runs()) === 1);
  if (reason === 'reboot') agent.child.send({ type: 'stop', reason: 'reboot' });
  else agent.child.kill('SIGTERM');
  expect(await agent.exited).toBe(0);
  expect(await gone(Number(await readFile(mark.path, 'utf8')))).toBe(true);
  // Said before it stopped, not after its next start.
  const row = await kanade.backend.inState(exec, pc, 'unknown');
  expect(row).toMatchObject({ reason, exit_code: null, started_at: expect.any(String), finished_at: expect.any(String) });
  expect(await kanade.backend.get(`/results/${row.result_id}`)).toMatchObject({ outcome: 'unknown', stdout: 'so far\n', stderr: 'oops\n' });
  await expectOnce(pc, exec, { state: 'unknown', reason, runs: 1, mark });
});

test('what waits for its turn when the agent stops runs after its next start', async () => {
  const agent = await kanade.readyAgent('WAITS');
  const mark = evidence(kanade, 'waits');
  const exec = await kanade.backend.submit({ script: mark.line, target: { pcs: ['WAITS'] }, jitter: '7d' });
  await until('the PC has it', async () => (await kanade.backend.call('POST', '/agents/WAITS/ping')).body.heartbeat?.pending === 1);
  await agent.stop();
  expect((await kanade.backend.target(exec, 'WAITS')).state).toBe('queued');
  await kanade.readyAgent('WAITS');
  expect((await kanade.backend.call('POST', `/executions/${exec}/cancel`, {})).body).toEqual({ cancelled: 1 });
  await until('the PC itself says so', async () => (await kanade.backend.target(exec, 'WAITS')).result_id);
  expect(await mark.runs()).toBe(0);
});

/** After the next start: that state, that many runs, one result on the broker's own record. */
async function expectOnce(
  pc: string,
  exec: string,
  { state, reason, runs, mark }: { state: string; reason?: string; runs: number; mark: { runs(): Promise<number> } },
): Promise<void> {
  const again = kanade.startAgent(pc);
  const row = await kanade.backend.inState(exec, pc, 'succeeded', 'failed', 'unknown', 'skipped', 'killed');
  expect(row).toMatchObject({ state, reason: reason ?? null });
  await settled(kanade, pc);
  expect(await mark.runs()).toBe(runs);
  const said = await lastMessage(nats, 'RESULTS', subjects.result(exec, pc));
  expect(JSON.parse(Buffer.from(said!.data).toString())).toMatchObject({ outcome: state, result_id: row.result_id });
  expect(await kanade.backend.targets(exec)).toEqual([row]);
  await again.stop();
}
