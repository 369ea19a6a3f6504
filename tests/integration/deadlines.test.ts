import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lookOnce } from '#backend/exec/deadlines.ts';
import { subjects } from '#core/contract/subjects.ts';
import { lastMessage, purgeStream } from '#core/nats/jetstream.ts';
import { execContext } from '#tests/support/exec-context.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const HOUR = 3_600_000;
const { kanade } = await kanadeOfFile();

/** What the holder of the lease does every ten seconds, at a time that is `later` milliseconds from now. */
async function lookLater(later: number): Promise<void> {
  await using ctx = await execContext(kanade.broker.url, kanade.backend.dataDir, () => Date.now() + later);
  await lookOnce(ctx, new Map());
}

async function startsToRun(pc: string): Promise<string> {
  // It ends with the test, whatever becomes of the agent that would have ended it.
  const script = `while [ -d ${kanade.dir} ]; do sleep 0.2; done`;
  const exec = await kanade.backend.submit({ script, target: { pcs: [pc] }, timeout: '1m' });
  await kanade.backend.inState(exec, pc, 'running');
  return exec;
}

test('a run that its PC has forgotten is lost after its deadline and not before; what the PC says later counts', async () => {
  const { backend } = kanade;
  const first = await kanade.readyAgent('forgets');
  const exec = await startsToRun('forgets');
  await first.kill();
  // The command itself is no longer there to remind it: a PC that finds it again says by itself that it cannot know.
  await using ctx = await execContext(kanade.broker.url, backend.dataDir);
  await purgeStream(ctx.nats, 'EXEC', subjects.commandPc('FORGETS', exec));
  const [folder, aside] = [join(kanade.agentDir('forgets'), 'agent'), join(kanade.dir, 'aside')];
  await rename(folder, aside);
  const { enrolled_at: enrolled } = await backend.get('/agents/forgets');
  const blank = kanade.startAgent('forgets');
  // A PC that is not the enrolled one is not believed that it knows nothing.
  await until('it is enrolled anew', async () => (await backend.get('/agents/forgets')).enrolled_at !== enrolled);

  await lookLater(0);
  expect((await backend.target(exec, 'forgets')).state).toBe('running');
  await lookLater(HOUR);
  expect(await backend.inState(exec, 'forgets', 'lost')).toMatchObject({ reason: 'unknown_to_agent' });

  // The folder turns up again after all, and with it the PC's record of having started.
  await blank.stop();
  await rm(folder, { recursive: true });
  await rename(aside, folder);
  await kanade.startAgent('forgets').ready;
  const row = await backend.inState(exec, 'forgets', 'unknown');
  expect(row.result_id).not.toBeNull();
});

test('a run that its PC still knows of is left alone, however late it is', async () => {
  await kanade.readyAgent('knows');
  const exec = await startsToRun('knows');
  await lookLater(100 * HOUR);
  await until('the agent was asked and the look was projected', async () => {
    const other = await kanade.backend.submit({ script: 'true', target: { pcs: ['knows'] } });
    return (await kanade.backend.inState(other, 'knows', 'succeeded')).state;
  });
  expect((await kanade.backend.target(exec, 'knows')).state).toBe('running');
  await kanade.backend.call('POST', `/executions/${exec}/cancel`);
  await kanade.backend.inState(exec, 'knows', 'killed');
});

test('a PC that is off has a day more, then its run is lost, and its result wins when it is back', async () => {
  const { backend } = kanade;
  const agent = await kanade.readyAgent('silent');
  const exec = await startsToRun('silent');
  await agent.kill();
  await lookLater(2 * HOUR);
  await using ctx = await execContext(kanade.broker.url, backend.dataDir);
  expect(await lastMessage(ctx.nats, 'EXECUTIONS', subjects.lost(exec))).toBeUndefined();
  expect((await backend.target(exec, 'silent')).state).toBe('running');
  await lookLater(30 * HOUR);
  expect(await backend.inState(exec, 'silent', 'lost')).toMatchObject({ reason: 'no_answer' });
  // Once lost it is not asked after again.
  const { seq } = (await lastMessage(ctx.nats, 'EXECUTIONS', subjects.lost(exec)))!;
  await lookLater(60 * HOUR);
  expect((await lastMessage(ctx.nats, 'EXECUTIONS', subjects.lost(exec)))!.seq).toBe(seq);

  await kanade.readyAgent('silent');
  expect(await backend.inState(exec, 'silent', 'unknown')).toMatchObject({ result_id: expect.any(String) });
});

test('a PC that finds the forgotten command again says that it cannot know, and runs nothing', async () => {
  const first = await kanade.readyAgent('reminded');
  const exec = await startsToRun('reminded');
  await first.kill();
  await rm(join(kanade.agentDir('reminded'), 'agent'), { recursive: true });
  await kanade.readyAgent('reminded');
  expect(await kanade.backend.inState(exec, 'reminded', 'unknown')).toMatchObject({ reason: 'issued_before_enrolment' });
});
