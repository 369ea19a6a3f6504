import { expect, test } from 'vitest';
import { evidence, settled } from '#tests/support/evidence.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade } = await kanadeOfFile();

const DAY = 86_400_000;
/** What a broker's clock and this test's may differ by: they are the same machine's. */
const SLACK = 5000;

const WRONG = [
  ['ahead', DAY],
  ['behind', -DAY],
] as const;

function expectBetween(at: string, from: number, to: number): void {
  expect(Date.parse(at)).toBeGreaterThan(from - SLACK);
  expect(Date.parse(at)).toBeLessThan(to + SLACK);
}

test.each(WRONG)('on a PC whose clock is a day %s, what is sent runs, at the right time', async (way, clockShift) => {
  const pc = `NEW-${way}`.toUpperCase();
  await kanade.readyAgent(pc, { clockShift });
  const mark = evidence(kanade, pc);
  const from = Date.now();
  const exec = await kanade.backend.submit({ script: mark.line, target: { pcs: [pc] }, expires_in: '10m' });
  const row = await kanade.backend.inState(exec, pc, 'succeeded');
  expectBetween(row.started_at, from, Date.now());
  expectBetween(row.finished_at, Date.parse(row.started_at), Date.now());
  const { heartbeat } = (await kanade.backend.call('POST', `/agents/${pc}/ping`)).body;
  expect(Math.abs(heartbeat.clock_offset_ms + clockShift)).toBeLessThan(SLACK);
  expectBetween(heartbeat.at, from, Date.now());
  expect(Math.abs((await kanade.backend.get(`/agents/${pc}`)).clock_offset_ms + clockShift)).toBeLessThan(SLACK);
  const { items } = await kanade.backend.get(`/events?pc=${pc}`);
  for (const event of items) expectBetween(event.at, from - 60_000, Date.now());
  expect(await mark.runs()).toBe(1);
});

test.each(
  WRONG,
)('what waited for a PC whose clock is a day %s when it comes back runs, and what expired does not', async (way, clockShift) => {
  const pc = `BACK-${way}`.toUpperCase();
  await kanade.offAgent(pc);
  const good = evidence(kanade, `${pc}-good`);
  const late = evidence(kanade, `${pc}-late`);
  const expired = await kanade.backend.submit({ script: late.line, target: { pcs: [pc] }, expires_in: '1s' });
  const exec = await kanade.backend.submit({ script: good.line, target: { pcs: [pc] }, expires_in: '1h' });
  await kanade.backend.inState(expired, pc, 'expired');
  kanade.startAgent(pc, { clockShift });
  await kanade.backend.inState(exec, pc, 'succeeded');
  await settled(kanade, pc);
  expect([await good.runs(), await late.runs()]).toEqual([1, 0]);
  expect((await kanade.backend.target(expired, pc)).state).toBe('expired');
});

test.each(
  WRONG,
)('what a PC had taken before its clock jumped a day %s over a power cut runs and has not expired', async (way, clockShift) => {
  const pc = `TAKEN-${way}`.toUpperCase();
  const agent = await kanade.readyAgent(pc, { crashAt: 'before_launch' });
  const mark = evidence(kanade, pc);
  const from = Date.now();
  const exec = await kanade.backend.submit({ script: mark.line, target: { pcs: [pc] }, expires_in: '1h' });
  expect(await agent.exited).toBe('SIGKILL');
  kanade.startAgent(pc, { clockShift });
  const row = await kanade.backend.inState(exec, pc, 'succeeded', 'expired', 'skipped');
  expect(row.state).toBe('succeeded');
  expectBetween(row.started_at, from, Date.now());
  await settled(kanade, pc);
  expect(await mark.runs()).toBe(1);
});

test.each(
  WRONG,
)('a script that a power cut ended while the clock jumped a day %s is unknown, and both its times are right', async (way, clockShift) => {
  const pc = `DIED-${way}`.toUpperCase();
  const agent = await kanade.readyAgent(pc);
  const mark = evidence(kanade, pc);
  const from = Date.now();
  const exec = await kanade.backend.submit({ script: `${mark.line}; sleep 600`, target: { pcs: [pc] } });
  await until('the script runs', async () => (await mark.runs()) === 1);
  await agent.kill();
  kanade.startAgent(pc, { clockShift });
  const row: Json = await kanade.backend.inState(exec, pc, 'unknown');
  expectBetween(row.started_at, from, Date.now());
  expectBetween(row.finished_at, Date.parse(row.started_at), Date.now());
  await settled(kanade, pc);
  expect(await mark.runs()).toBe(1);
});
