import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replayDurable, subjects } from '#core/contract/subjects.ts';
import { deleteConsumer, lastMessage } from '#core/nats/jetstream.ts';
import { evidence, settled } from '#tests/support/evidence.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { syncAll } from '#tests/support/seed.ts';
import { canMount, smallDisk } from '#tests/support/small-disk.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

/** Waits until the PC itself, asked by an admin, tells of this problem; its heartbeats carry the same every 30 s. */
function problem(pc: string, code: string): Promise<Json> {
  return until(`${pc} tells of ${code}`, async () => {
    const { heartbeat } = (await kanade.backend.call('POST', `/agents/${pc}/ping`)).body;
    return heartbeat.problems.find((one: Json) => one.code === code) ?? Promise.reject(new Error(JSON.stringify(heartbeat.problems)));
  });
}

/** The same of what the last heartbeat told. */
function reported(pc: string, code: string): Promise<Json> {
  return until(`a heartbeat of ${pc} tells of ${code}`, async () => {
    const { problems } = await kanade.backend.get(`/agents/${pc}`);
    return problems.find((one: Json) => one.code === code) ?? Promise.reject(new Error(JSON.stringify(problems)));
  });
}

/** Fills a disk to its last byte. */
async function fill(disk: string): Promise<void> {
  await writeFile(join(disk, 'filler'), Buffer.alloc(64 * 1024 * 1024)).catch(() => {});
}

test('a full ledger takes nothing new and says so; the row stays queued and runs when there is room', async () => {
  const agent = await kanade.readyAgent('LEDGER', { ledgerLimits: { maxRecords: 2 } });
  await settled(kanade, 'LEDGER');
  await settled(kanade, 'LEDGER');
  const mark = evidence(kanade, 'ledger');
  const exec = await kanade.backend.submit({ script: mark.line, target: { pcs: ['LEDGER'] } });
  await problem('LEDGER', 'ledger_full');
  await until('it is stored', () => lastMessage(nats, 'EXEC', subjects.commandPc('LEDGER', exec)));
  expect((await kanade.backend.target(exec, 'LEDGER')).state).toBe('queued');
  await agent.stop();
  expect(await mark.runs()).toBe(0);
  kanade.startAgent('LEDGER');
  await kanade.backend.inState(exec, 'LEDGER', 'succeeded');
  await settled(kanade, 'LEDGER');
  expect(await mark.runs()).toBe(1);
});

test.skipIf(!canMount)(
  'on a full disk nothing is taken and the heartbeat says so; the row stays queued and runs when there is room',
  async () => {
    await using disk = await smallDisk('1m');
    await using _agent = await kanade.readyAgent('FULL', { dataDir: disk.path, logFile: join(kanade.dir, 'full.log') });
    await fill(disk.path);
    const mark = evidence(kanade, 'full');
    const exec = await kanade.backend.submit({ script: mark.line, target: { pcs: ['FULL'] } });
    await problem('FULL', 'disk_full');
    expect((await kanade.backend.target(exec, 'FULL')).state).toBe('queued');
    await rm(join(disk.path, 'filler'));
    await syncAll(kanade.backend);
    await kanade.backend.inState(exec, 'FULL', 'succeeded');
    await settled(kanade, 'FULL');
    expect(await mark.runs()).toBe(1);
  },
);

test.skipIf(!canMount)('what a script did that fills the disk is told once there is room', async () => {
  await using disk = await smallDisk('1m');
  await using _agent = await kanade.readyAgent('FILLS', { dataDir: disk.path, logFile: join(kanade.dir, 'fills.log') });
  const mark = evidence(kanade, 'fills');
  const exec = await kanade.backend.submit({
    // What it prints has no room in what its own files leave behind.
    script: `dd if=/dev/zero of=${disk.path}/filler bs=1M count=64 2>/dev/null; ${mark.line}; head -c 200000 /dev/zero | tr '\\0' x`,
    target: { pcs: ['FILLS'] },
  });
  await until('the script has run', async () => (await mark.runs()) === 1);
  await problem('FILLS', 'disk_full');
  expect((await kanade.backend.target(exec, 'FILLS')).state).toBe('running');
  await rm(join(disk.path, 'filler'));
  const row = await kanade.backend.inState(exec, 'FILLS', 'succeeded');
  expect((await kanade.backend.get(`/results/${row.result_id}`)).stdout).toBe('x'.repeat(200_000));
  await settled(kanade, 'FILLS');
  expect(await mark.runs()).toBe(1);
});

test.skipIf(!canMount)('with a data folder that cannot be written an agent says so and runs nothing until it can', async () => {
  await using disk = await smallDisk('1m');
  const options = { dataDir: disk.path, logFile: join(kanade.dir, 'readonly.log') };
  await kanade.offAgent('READONLY', options);
  disk.setReadOnly(true);
  await using _agent = kanade.startAgent('READONLY', options);
  await reported('READONLY', 'folder_unwritable');
  const mark = evidence(kanade, 'readonly');
  const exec = await kanade.backend.submit({ script: mark.line, target: { pcs: ['READONLY'] } });
  await until('it is stored', () => lastMessage(nats, 'EXEC', subjects.commandPc('READONLY', exec)));
  expect((await kanade.backend.target(exec, 'READONLY')).state).toBe('queued');
  disk.setReadOnly(false);
  await kanade.backend.inState(exec, 'READONLY', 'succeeded');
  expect((await kanade.backend.get('/agents/READONLY')).conflict).toBe(false);
  await settled(kanade, 'READONLY');
  expect(await mark.runs()).toBe(1);
});

test('what an unreadable record of the ledger stands for is not run again, and that is reported', async () => {
  await kanade.offAgent('SOMEOFF');
  const agent = await kanade.readyAgent('CORRUPT');
  const mark = evidence(kanade, 'corrupt');
  // A PC that is off keeps the execution open, so that its command stays in the queue.
  const exec = await kanade.backend.submit({ script: mark.line, target: { pcs: ['CORRUPT', 'SOMEOFF'] } });
  const row = await kanade.backend.inState(exec, 'CORRUPT', 'succeeded');
  await agent.stop();
  const ledger = join(kanade.agentDir('CORRUPT'), 'agent', 'ledger');
  const records = (await readdir(ledger)).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
  expect(records).toHaveLength(1);
  await writeFile(join(ledger, records[0]!), '{"requestId":');
  await rm(join(ledger, 'floor.json'), { force: true });
  // The durable is lost as well, so that everything is delivered again.
  await deleteConsumer(nats, 'EXEC', replayDurable('CORRUPT'));
  kanade.startAgent('CORRUPT');
  const event = await until('it is reported', async () => {
    const { items } = await kanade.backend.get('/events?pc=CORRUPT&kind=refused');
    return items.find((one: Json) => one.code === 'ledger_corrupt');
  });
  expect(event).toMatchObject({ request_id: exec, detail: expect.stringContaining('not run again') });
  await reported('CORRUPT', 'ledger_corrupt');
  await settled(kanade, 'CORRUPT');
  expect(await mark.runs()).toBe(1);
  expect(await kanade.backend.target(exec, 'CORRUPT')).toEqual(row);
});
