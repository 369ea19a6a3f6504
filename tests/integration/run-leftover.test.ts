import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clearLeftovers, endLeftover } from '#core/agent/run/leftover.ts';
import { startChild } from '#tests/support/child.ts';
import { ScriptRunner } from '#tests/support/script-runner.ts';

/** A process that runs one script as the agent does and is killed once the script says it is ready. */
async function killedMidRun(runner: ScriptRunner, resultId: string, script: string): Promise<void> {
  await using agent = startChild('run-script.ts', runner.deps.dir, resultId, script);
  expect(await agent.next()).toBe('ready');
}

test.each([
  ['a plain script', 'echo ready; sleep 300'],
  ['a script that ignores SIGTERM, with children', "trap '' TERM; sleep 300 & echo ready; while :; do sleep 0.1; done"],
  ['what a script has put into a session of its own', "setsid sh -c 'echo ready; exec sleep 300' & wait"],
])('%s of an agent that was killed is ended, and its folder deleted', async (_, script) => {
  await using runner = await ScriptRunner.create();
  const resultId = runner.nextId();
  await killedMidRun(runner, resultId, script);
  expect(await runner.alive(resultId)).toBeGreaterThan(0);
  await endLeftover(runner.deps, resultId);
  expect(await runner.alive(resultId)).toBe(0);
  expect(await runner.folders()).toEqual([]);
});

test('a script is found by its marker when the crash came before its process was on record', async () => {
  await using runner = await ScriptRunner.create();
  const resultId = runner.nextId();
  await killedMidRun(runner, resultId, 'echo ready; sleep 300');
  await writeFile(join(runner.deps.dir, resultId, 'pid.json'), '{"pid":1');
  await endLeftover(runner.deps, resultId);
  expect(await runner.alive(resultId)).toBe(0);
});

test('a process that has only got the pid of a script is left alone', async () => {
  await using runner = await ScriptRunner.create();
  const bystander = spawn('/bin/sleep', ['300'], { detached: true, stdio: 'ignore' });
  try {
    const resultId = runner.nextId();
    await mkdir(join(runner.deps.dir, resultId), { recursive: true });
    await writeFile(join(runner.deps.dir, resultId, 'pid.json'), JSON.stringify({ pid: bystander.pid, start: 'another boot/1' }));
    await endLeftover(runner.deps, resultId);
    expect(await runner.deps.platform.startOf(bystander.pid!)).toBeDefined();
    expect(await runner.folders()).toEqual([]);
  } finally {
    bystander.kill('SIGKILL');
    await once(bystander, 'exit');
  }
});

test('there is nothing to do where nothing is', async () => {
  await using runner = await ScriptRunner.create();
  await endLeftover(runner.deps, runner.nextId());
  await clearLeftovers(runner.deps);
  expect(runner.warnings).toEqual([]);
});

test('at its start an agent ends what has a record and deletes the folders of the rest', async () => {
  await using runner = await ScriptRunner.create();
  const resultId = runner.nextId();
  await killedMidRun(runner, resultId, 'echo ready; sleep 300');
  expect(JSON.parse(await readFile(join(runner.deps.dir, resultId, 'pid.json'), 'utf8'))).toEqual({
    pid: expect.any(Number),
    start: expect.stringMatching(/^.+\/\d+$/),
  });
  await mkdir(join(runner.deps.dir, 'only_a_folder', 'work'), { recursive: true });
  await clearLeftovers(runner.deps);
  expect(await runner.alive(resultId)).toBe(0);
  expect(await runner.folders()).toEqual([]);
});

test('a run that finds the folder of an earlier one ends that first', async () => {
  await using runner = await ScriptRunner.create();
  const resultId = runner.nextId();
  await killedMidRun(runner, resultId, 'echo ready; sleep 300');
  expect(await runner.run('exit 0', { resultId })).toMatchObject({ outcome: 'succeeded' });
  expect(await runner.alive(resultId)).toBe(0);
});
