import { beforeAll, expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import { STREAMS } from '#core/contract/streams.ts';
import { replayDurable, subjects } from '#core/contract/subjects.ts';
import { streamInfo, updateStream } from '#core/nats/jetstream.ts';
import { kvPut } from '#core/nats/kv.ts';
import { consumerNames } from '#tests/support/consumer-names.ts';
import { evidence, settled } from '#tests/support/evidence.ts';
import { inventory, inventoryRead } from '#tests/support/inventory.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { deleteStream } from '#tests/support/projection.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

beforeAll(async () => {
  await kanade.readyAgent('on');
});

/** Deletes it while everything runs, and waits until somebody has made it again. */
async function lose(name: string): Promise<{ was: string; now: string }> {
  const { created: was } = await streamInfo(nats, name);
  await deleteStream(nats, name);
  const now = await until(`${name} is there again`, async () => (await streamInfo(nats, name)).created);
  expect(now).not.toBe(was);
  return { was, now };
}

function audited(action: string, target: string, created?: string): Promise<Json> {
  return until(`the audit says ${action} of ${target}`, async () => {
    const { items } = await kanade.backend.get(`/audit?action=${action}`);
    return items.find((entry: Json) => entry.target === target && (created === undefined || entry.after.created === created));
  });
}

/** What goes to others as well stays in EXEC until they have had it. */
async function runsOn(pc: string, ...others: string[]): Promise<void> {
  const exec = await kanade.backend.submit({ script: 'echo fine', target: { pcs: [pc, ...others] } });
  await kanade.backend.inState(exec, pc, 'succeeded');
}

/** A PC that is never seen. */
async function enrolUnseen(pc: string): Promise<void> {
  const now = new Date().toISOString();
  const entry: AgentEntry = { pc_id: pc.toUpperCase(), enrolled_at: now, first_seen: now, last_seen: now };
  await kvPut(nats, 'agents', entry.pc_id, encode(entry));
  await until('it is known', async () => (await kanade.backend.call('GET', `/agents/${pc}`)).status === 200);
}

test.each([
  'EVENTS',
  'RESULTS',
  'EXECUTIONS',
  'AUDIT',
  'INVENTORY',
])('%s deleted: made again, read from its beginning, said so, and work goes on', async (name) => {
  const before = await kanade.backend.submit({ script: 'echo before', target: { pcs: ['on'] } });
  const row = await kanade.backend.inState(before, 'on', 'succeeded');
  const { was } = await lose(name);
  await audited('stream_recreated', `streams/${name}`);
  await until('the projector says that its stream was replaced', async () => {
    const response = await fetch(`${kanade.backend.url}/readyz`);
    const { ready, projectors } = (await response.json()) as Json;
    return ready && projectors[name].replaced !== undefined && Date.parse(projectors[name].replaced) === Date.parse(was);
  });
  await runsOn('on');
  // What was known of the old stream is still told.
  expect(await kanade.backend.target(before, 'on')).toEqual(row);
  const { status } = await kanade.backend.call('POST', `/executions/${before}/rerun`, { states: ['succeeded'] });
  expect(status).toBe(name === 'EXECUTIONS' ? 404 : 202);
});

test('what was known of the inventory outlives its stream, and what is said in the new one counts', async () => {
  const told = async () => (await kanade.backend.get('/agents/ON/inventory')).sections.map((section: Json) => section.data);
  for (let n = 1; n <= 3; n++) await inventory(nats, 'ON', 'own', [{ id: 1, n }]);
  await inventoryRead(nats, kanade.backend);
  await lose('INVENTORY');
  expect(await told()).toEqual([[{ id: 1, n: 3 }]]);
  await inventory(nats, 'ON', 'own', [{ id: 1, n: 4 }]);
  await until('it is projected', async () => (await told())[0][0].n === 4);
  expect((await kanade.backend.get('/agents/ON/inventory-changes')).items.map(({ after }: Json) => after.n)).toEqual([4, 3, 2]);
});

test('EXEC deleted: what waited in it is sent again and runs once, PCs learn of it, new work goes on', async () => {
  await kanade.offAgent('off');
  const ran = evidence(kanade, 'waits');
  const forBoth = await kanade.backend.submit({ script: ran.line, target: { pcs: ['on', 'off'] } });
  const forAll = await kanade.backend.submit({ script: ran.line, target: { all: true } });
  const whole = await kanade.backend.submit({ script: ran.line, target: { pcs: ['off'] } });
  const part = await kanade.backend.submit({ script: ran.line, target: { pcs: ['on', 'off'] } });
  for (const exec of [forBoth, forAll, part]) await kanade.backend.inState(exec, 'on', 'succeeded');
  await kanade.backend.call('POST', `/executions/${whole}/cancel`);
  await kanade.backend.call('POST', `/executions/${part}/cancel`, { pcs: ['off'] });
  expect(await ran.runs()).toBe(3);

  const { was, now } = await lose('EXEC');
  const said = await audited('exec_restored', 'streams/EXEC');
  expect(said).toMatchObject({ before: { created: was }, after: { created: now, executions: 2, commands: 2 } });
  await audited('stream_recreated', 'streams/EXEC');
  expect(Object.keys((await streamInfo(nats, 'EXEC', { subjects_filter: '>' })).state.subjects ?? {}).sort()).toEqual(
    [subjects.commandPc('OFF', forBoth), subjects.commandAll(forAll)].sort(),
  );
  const names = await consumerNames(nats, 'EXEC');
  expect(names).toEqual(expect.arrayContaining([replayDurable('ON'), replayDurable('OFF')]));

  await runsOn('on');
  await kanade.readyAgent('off');
  for (const exec of [forBoth, forAll]) await kanade.backend.inState(exec, 'off', 'succeeded');
  await settled(kanade, 'off');
  await settled(kanade, 'on');
  expect(await ran.runs()).toBe(5);
  expect((await kanade.backend.target(whole, 'off')).state).toBe('cancelled');
  expect((await kanade.backend.target(part, 'off')).state).toBe('cancelled');
});

/** What the PC has wholly in its ledger, once it has looked at its durable in the stream made at `epoch`. */
function floorIn(epoch: string, pc: string, atLeast = 1): Promise<number> {
  return until(`${pc} has looked`, async () => {
    // A change of its groups makes it look.
    await kanade.backend.call('PUT', `/agents/${pc}/groups`, { groups: [`g${Date.now()}`] });
    const { replay } = (await kanade.backend.call('POST', `/agents/${pc}/ping`)).body.heartbeat;
    return replay.epoch === epoch && replay.floor >= atLeast && replay.floor;
  });
}

test('sequences of a deleted EXEC are not taken for those of the new one: nothing of it is passed over', async () => {
  const agent = await kanade.readyAgent('seq');
  await enrolUnseen('never');
  for (let i = 0; i < 10; i++) await runsOn('seq', 'never');
  const { created, state } = await streamInfo(nats, 'EXEC');
  // One of the last two is its own.
  const old = await floorIn(created, 'seq', state.last_seq - 1);
  const { now } = await lose('EXEC');
  await audited('exec_restored', 'streams/EXEC', now);
  await runsOn('seq', 'never');
  const floor = await floorIn(now, 'seq');
  expect(floor).toBeLessThan(old);
  expect(floor).toBeLessThanOrEqual((await streamInfo(nats, 'EXEC')).state.last_seq);

  await agent.stop();
  const ran = evidence(kanade, 'seq');
  const exec = await kanade.backend.submit({ script: ran.line, target: { pcs: ['seq', 'on'] } });
  await kanade.backend.inState(exec, 'on', 'succeeded');
  // The durables are gone with the broker, and are made again from what the PCs have said they have.
  await kanade.broker.restart();
  await until('the backend is back', async () => (await kanade.backend.call('POST', '/agents/on/ping')).status === 200);
  await kanade.readyAgent('seq');
  await kanade.backend.inState(exec, 'seq', 'succeeded');
  expect(await ran.runs()).toBe(2);
});

test('settings that somebody lowered are repaired while everything runs', async () => {
  const { config } = await streamInfo(nats, 'EXEC');
  const lowered: typeof config = { ...config, max_consumers: 10, max_msgs_per_subject: 5 };
  await updateStream(nats, lowered);
  await until('EXEC is as it should be', async () => {
    const { max_consumers, max_msgs_per_subject } = (await streamInfo(nats, 'EXEC')).config;
    return max_consumers === STREAMS.EXEC.maxConsumers && max_msgs_per_subject === 1;
  });
});

test('several streams deleted at once, with a backend that comes back to find them gone', async () => {
  await kanade.backend.process.kill();
  for (const name of ['EXEC', 'EXECUTIONS', 'RESULTS', 'EVENTS']) await deleteStream(nats, name);
  const ran = evidence(kanade, 'lonely');
  kanade.backend = await kanade.startBackend();
  await kanade.backend.agentReady('on');
  const exec = await kanade.backend.submit({ script: ran.line, target: { pcs: ['on'] } });
  await kanade.backend.inState(exec, 'on', 'succeeded');
  await nats.publishStored(subjects.started('late', 'ON'), encode({}));
  expect(await ran.runs()).toBe(1);
});
