import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { currentPlatform } from '#core/agent/platform/current.ts';
import { RUN_TIMINGS } from '#core/agent/run/timings.ts';
import { ScriptRunner, said, text } from '#tests/support/script-runner.ts';

const QUICK = { ...RUN_TIMINGS, graceMs: 300, pollMs: 20 };

test('cancelling ends a script and keeps its output', async () => {
  await using runner = await ScriptRunner.create();
  const resultId = runner.nextId();
  const script = await runner.start('echo ready; sleep 300', { resultId });
  await said(script, 'ready');
  script.kill('cancelled');
  const outcome = await script.done;
  expect(outcome).toMatchObject({ outcome: 'killed', reason: 'cancelled', exitCode: null });
  expect(text(outcome.stdout)).toBe('ready\n');
  expect(await runner.alive(resultId)).toBe(0);
  expect(await runner.folders()).toEqual([]);
});

test('a script is asked before it is ended', async () => {
  await using runner = await ScriptRunner.create();
  const script = await runner.start("trap 'echo cleaned up; exit 9' TERM; echo ready; while :; do sleep 0.05; done");
  await said(script, 'ready');
  script.kill('cancelled');
  const outcome = await script.done;
  expect(outcome).toMatchObject({ outcome: 'killed', reason: 'cancelled', exitCode: 9 });
  expect(text(outcome.stdout)).toBe('ready\ncleaned up\n');
});

test.each([
  ['ignores SIGTERM', "trap '' TERM; echo ready; while :; do sleep 0.1; done"],
  ['has grandchildren that ignore it', `sh -c 'sh -c "trap \\"\\" TERM; echo ready; while :; do sleep 0.1; done" & wait' & wait`],
  ['moved to a session of its own', "setsid sh -c 'echo ready; sleep 300' & wait"],
  ['left its session and its parent', "(setsid sh -c 'echo ready; exec sleep 300' &) ; sleep 300"],
  [
    'left its session and threw away the marker',
    'setsid env -i /bin/sh -c \'trap "" TERM; echo ready; while :; do /bin/sleep 0.1; done\' & wait',
  ],
  ['is stopped', 'echo ready; kill -STOP $$'],
])('nothing is left of a script that %s', async (_, body) => {
  await using runner = await ScriptRunner.create({ timings: QUICK });
  const resultId = runner.nextId();
  const script = await runner.start(`echo "pid $$" >&2; ${body}`, { resultId });
  await said(script, 'ready');
  script.kill('cancelled');
  expect(await script.done).toMatchObject({ outcome: 'killed', reason: 'cancelled' });
  expect(await runner.alive(resultId)).toBe(0);
});

test('what a script that has lost its marker has started is ended with it', async () => {
  await using runner = await ScriptRunner.create({ timings: QUICK });
  const script = await runner.start('setsid env -i /bin/sh -c \'trap "" TERM; echo $$ ready; while :; do /bin/sleep 0.1; done\' & wait');
  const pid = Number.parseInt(await said(script, 'ready'), 10);
  expect(pid).toBeGreaterThan(1);
  script.kill('cancelled');
  await script.done;
  expect(await currentPlatform().startOf(pid)).toBeUndefined();
});

test('a script that runs longer than it may is timed out, all of it', async () => {
  await using runner = await ScriptRunner.create({ timings: QUICK });
  const resultId = runner.nextId();
  const outcome = await runner.run('echo before; sleep 300 & sleep 300', { resultId, timeoutMs: 300 });
  expect(outcome).toMatchObject({ outcome: 'timed_out', detail: 'it ran longer than 0.3 s', exitCode: null });
  expect(text(outcome.stdout)).toBe('before\n');
  expect(await runner.alive(resultId)).toBe(0);
});

test.each(['agent_stop', 'reboot'] as const)('what happened to a script that %s interrupts is unknown', async (why) => {
  await using runner = await ScriptRunner.create();
  const script = await runner.start('echo so far; sleep 300');
  await said(script, 'so far');
  script.kill(why);
  script.kill('cancelled');
  const outcome = await script.done;
  expect(outcome).toMatchObject({ outcome: 'unknown', reason: why });
  expect(text(outcome.stdout)).toBe('so far\n');
});

test('killing a script that has ended changes nothing but the wait for its pipes', async () => {
  await using runner = await ScriptRunner.create({ timings: { ...RUN_TIMINGS, quietMs: 30_000, drainMs: 60_000 } });
  const resultId = runner.nextId();
  const script = await runner.start('setsid sleep 300 & echo $$', { resultId });
  const pid = Number.parseInt(await said(script, ''), 10);
  // It is reaped by this very process, which tells the runner in the same breath.
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setTimeout(resolve, 10));
  script.kill('agent_stop');
  expect(await script.done).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
  expect(await runner.alive(resultId)).toBe(1);
});

test('a script that cannot be ended is abandoned, said so, and its folder kept', async () => {
  const platform = { ...currentPlatform(), endTree: async () => undefined };
  await using runner = await ScriptRunner.create({ platform, timings: { ...QUICK, abandonMs: 500 } });
  const resultId = runner.nextId();
  const script = await runner.start('echo ready; sleep 300', { resultId });
  await said(script, 'ready');
  script.kill('cancelled');
  const outcome = await script.done;
  expect(outcome).toMatchObject({ outcome: 'killed', reason: 'abandoned', detail: expect.stringContaining('still runs'), exitCode: null });
  expect(text(outcome.stdout)).toBe('ready\n');
  expect(await runner.folders()).toEqual([resultId]);
});

test('not being able to look for processes is reported once and tried again', async () => {
  const real = currentPlatform();
  let failures = 3;
  const platform = {
    ...real,
    alive: (tree: Parameters<typeof real.alive>[0]) => (failures-- > 0 ? Promise.reject(new Error('EMFILE')) : real.alive(tree)),
  };
  await using runner = await ScriptRunner.create({ platform, timings: QUICK });
  const script = await runner.start('echo ready; sleep 300');
  await said(script, 'ready');
  script.kill('cancelled');
  expect(await script.done).toMatchObject({ outcome: 'killed' });
  expect(runner.warnings).toEqual([expect.stringContaining('EMFILE')]);
});
