import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { consumerInfo } from '#core/nats/jetstream.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { raw } from '#tests/support/projection.ts';
import { seedCommand, syncAll } from '#tests/support/seed.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

beforeAll(async () => {
  await kanade.readyAgent('MiniPC-01');
});

const PC = 'MINIPC-01';
const lines = async (path: string) => (await readFile(path, 'utf8')).trim().split('\n');

/** Live and stored, as the seeds' backend publishes. */
async function runs(subject: string, more: Record<string, unknown> = {}): Promise<Json> {
  const file = join(kanade.dir, randomUUID());
  const command = seedCommand(`echo ran >> '${file}'; echo out`, more);
  await raw(nats, subject, command);
  if (subject.startsWith('commands.group.')) await syncAll(kanade.backend);
  const row = await kanade.backend.inState(command.request_id, PC, 'succeeded');
  const result = await kanade.backend.get(`/results/${row.result_id}`);
  expect(result).toMatchObject({ manifest_id: 'inv-hw', version: '1.0.0', request_id: command.request_id, stdout: 'out\n', pc_id: PC });
  return { file, command };
}

test.each([
  'commands.all',
  `commands.pc.${PC}`,
  'commands.pc.minipc-01',
  'commands.pc.MiniPc-01',
])('%s runs with the fields the seeds require', async (subject) => {
  const { file, command } = await runs(subject);
  // The same by the durable: a group's command comes only that way, and behind what was stored before it.
  await kanade.backend.call('PUT', '/agents/minipc-01/groups', { groups: ['canary'] });
  await runs('commands.group.canary');
  expect(await lines(file)).toEqual(['ran']);
  expect(await kanade.backend.get(`/executions/${command.request_id}`)).toMatchObject({
    status: 'done',
    submitted_at: null,
    actor: null,
    target: null,
    command: null,
    target_count: 1,
    counts: { succeeded: 1 },
  });
});

test('what the seeds leave out may be null, and what they add is passed over', async () => {
  const nothing = { exec_id: null, jitter_secs: null, cwd: null, deadline_at: null, script_object: null };
  await runs('commands.all', { ...nothing, run_as: 'system', staleness: { mode: 'cached' }, bypass_local_limit: false });
});

test('an exec_id of the seeds is the execution, of which this PC has one row', async () => {
  const execId = randomUUID();
  const command = seedCommand('exit 3', { exec_id: execId });
  await raw(nats, `commands.pc.${PC}`, command);
  const row = await kanade.backend.inState(execId, PC, 'failed');
  expect(row).toMatchObject({ exit_code: 3 });
  expect(await kanade.backend.targets(execId)).toHaveLength(1);
  expect(await kanade.backend.call('GET', `/executions/${command.request_id}`)).toMatchObject({ status: 404 });
});

test('a command in the seed form waits for a PC that is off, the last of each subject', async () => {
  const agent = await kanade.readyAgent('away');
  await agent.stop();
  const [first, second, all] = [seedCommand('echo first'), seedCommand('echo second'), seedCommand('echo all')];
  await raw(nats, 'commands.pc.away', first);
  await raw(nats, 'commands.pc.AWAY', second);
  await raw(nats, 'commands.all', all);
  await kanade.readyAgent('away');
  await kanade.backend.inState(second.request_id, 'away', 'succeeded');
  await kanade.backend.inState(all.request_id, 'away', 'succeeded');
  expect(await kanade.backend.call('GET', `/executions/${first.request_id}`)).toMatchObject({ status: 404 });
});

test('a group is left at once, however the durable stands', async () => {
  await kanade.backend.call('PUT', '/agents/minipc-01/groups', { groups: ['canary', 'lab'] });
  await runs('commands.group.lab');
  await kanade.backend.call('PUT', '/agents/minipc-01/groups', { groups: ['canary'] });
  const foreign = seedCommand('echo foreign');
  await raw(nats, 'commands.group.lab', foreign);
  await runs('commands.group.canary');
  expect(await kanade.backend.call('GET', `/executions/${foreign.request_id}`)).toMatchObject({ status: 404 });
});

test('a started event of a seed agent is a running row, and the event again changes nothing', async () => {
  const [execId, resultId] = [randomUUID(), randomUUID()];
  const event = {
    result_id: resultId,
    request_id: randomUUID(),
    exec_id: execId,
    pc_id: 'seedpc',
    started_at: '2026-05-20T12:00:00.123456789Z',
    manifest_id: 'inv-hw',
    version: '1.0.0',
  };
  await raw(nats, `events.started.${execId}.seedpc`, event);
  const row = await kanade.backend.inState(execId, 'seedpc', 'running');
  expect(row).toMatchObject({ pc_id: 'SEEDPC', result_id: resultId, started_at: event.started_at, finished_at: null });
  await raw(nats, `events.started.${execId}.SEEDPC`, { ...event, pc_id: 'SeedPC', result_id: randomUUID() });
  const last = randomUUID();
  await raw(nats, `events.started.${last}.seedpc`, { ...event, exec_id: last, result_id: randomUUID() });
  await kanade.backend.inState(last, 'seedpc', 'running');
  expect(await kanade.backend.targets(execId)).toEqual([row]);
  expect(await kanade.backend.get(`/executions/${execId}`)).toMatchObject({ status: 'running', counts: { running: 1 }, target_count: 1 });
});

test('the durables have the names of the seeds', async () => {
  expect(await consumerInfo(nats, 'EXEC', `agent_replay_${PC}`)).toMatchObject({ config: { ack_policy: 'explicit', mem_storage: true } });
  expect(await consumerInfo(nats, 'EVENTS', 'backend_events_projector')).toMatchObject({ config: { ack_policy: 'explicit' } });
});

test('a PC is the same in any case, and its host name says nothing about who it is', async () => {
  const process = kanade.process('core/agent/main.ts', [
    ...['--open', '--nats', kanade.broker.url, '--pc-id', 'Front-Desk_7', '--data-dir', join(kanade.dir, 'desk')],
  ]);
  expect(await process.ready).toMatchObject({ pc_id: 'FRONT-DESK_7' });
  const agent = await kanade.backend.agentReady('front-desk_7');
  expect(agent).toMatchObject({ pc_id: 'FRONT-DESK_7', hostname: hostname() });
  for (const spelled of ['front-desk_7', 'FRONT-desk_7']) {
    expect(await kanade.backend.get(`/agents/${spelled}`)).toMatchObject({ pc_id: 'FRONT-DESK_7' });
    const exec = await kanade.backend.submit({ script: 'true', target: { pcs: [spelled, 'Front-Desk_7'] } });
    await kanade.backend.inState(exec, spelled, 'succeeded');
    expect(await kanade.backend.get(`/executions/${exec}`)).toMatchObject({ target_count: 1 });
    expect((await kanade.backend.call('POST', `/executions/${exec}/cancel`, { pcs: [spelled] })).body).toEqual({ cancelled: 0 });
    expect((await kanade.backend.get(`/events?pc=${spelled}`)).items).not.toEqual([]);
    expect((await kanade.backend.get(`/agents/${spelled}/queue`)).items).toEqual([]);
  }
  await kanade.backend.call('PUT', '/agents/front-Desk_7/groups', { groups: ['desks'] });
  const members = await until('the group is known', async () => {
    const { items } = await kanade.backend.get('/agents?group=desks');
    return items.length > 0 && items;
  });
  expect(members).toMatchObject([{ pc_id: 'FRONT-DESK_7' }]);
  await process.stop();
});
