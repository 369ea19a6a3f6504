import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replayDurable } from '#core/contract/subjects.ts';
import { streamInfo } from '#core/nats/jetstream.ts';
import { consumerNames } from '#tests/support/consumer-names.ts';
import { evidence, settled } from '#tests/support/evidence.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

function waitingResults(pc: string): Promise<string[]> {
  return readdir(join(kanade.agentDir(pc), 'agent', 'outbox', 'results')).catch(() => []);
}

test('a run that the broker missed from its start to its end is told once the broker is back', async () => {
  const { backend } = kanade;
  await kanade.readyAgent('gone1');
  const ran = evidence(kanade, 'gone1');
  const [begun, gate] = [join(kanade.dir, 'begun'), join(kanade.dir, 'gate')];
  const during = await backend.submit({
    script: `${ran.line}; touch ${begun}; while [ ! -e ${gate} ]; do sleep 0.05; done; echo the end`,
    target: { pcs: ['gone1'] },
  });
  await until('it runs', () => existsSync(begun));
  await kanade.broker.kill();
  await writeFile(gate, '');
  await until('the result is in the outbox', async () => (await waitingResults('gone1')).length > 0);
  await kanade.broker.restart();
  const row = await backend.inState(during, 'gone1', 'succeeded');
  expect(await backend.get(`/results/${row.result_id}`)).toMatchObject({ stdout: 'the end\n', exit_code: 0 });
  await settled(kanade, 'gone1');
  expect(await ran.runs()).toBe(1);
  expect(await waitingResults('gone1')).toEqual([]);
});

test('a broker that was killed has every replay durable back, runs nothing again, and delivers what was queued', async () => {
  const { backend } = kanade;
  await kanade.readyAgent('stays');
  await kanade.offAgent('off');
  const both = { pcs: ['stays', 'off'] };
  const runs = Array.from({ length: 3 }, (_, i) => evidence(kanade, `both${i}`));
  const execs: string[] = [];
  for (const ran of runs) execs.push(await backend.submit({ script: ran.line, target: both }));
  for (const exec of execs) await backend.inState(exec, 'stays', 'succeeded');
  // All six are there: they go only when the whole execution is final.
  expect((await streamInfo(nats, 'EXEC', { subjects_filter: 'commands.pc.STAYS.>' })).state.subjects).toMatchObject(
    Object.fromEntries(execs.map((exec) => [`commands.pc.STAYS.${exec}`, 1])),
  );

  await kanade.broker.restart();
  await until('the durables are back', async () => {
    const names = await consumerNames(nats, 'EXEC');
    return ['STAYS', 'OFF', 'GONE1'].every((pc) => names.includes(replayDurable(pc)));
  });
  await backend.agentReady('stays');
  await settled(kanade, 'stays');
  for (const ran of runs) expect(await ran.runs()).toBe(1);

  await kanade.readyAgent('off');
  for (const exec of execs) await backend.inState(exec, 'off', 'succeeded');
  await settled(kanade, 'off');
  for (const ran of runs) expect(await ran.runs()).toBe(2);
});

test('a command submitted while its PC has not found the broker again runs once, when it has', async () => {
  const { backend } = kanade;
  const agent = await kanade.readyAgent('slow');
  agent.child.kill('SIGSTOP');
  await kanade.broker.restart();
  const ran = evidence(kanade, 'slow');
  const exec = await until('the backend is back', () => backend.submit({ script: ran.line, target: { pcs: ['slow'] } }).catch(() => false));
  agent.child.kill('SIGCONT');
  await backend.inState(exec as string, 'slow', 'succeeded');
  await settled(kanade, 'slow');
  expect(await ran.runs()).toBe(1);
});
