import { randomUUID } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '#core/contract/codec.ts';
import type { Command } from '#core/contract/command.ts';
import { InventoryReply } from '#core/contract/control.ts';
import { InventorySection } from '#core/contract/inventory.ts';
import { subjects } from '#core/contract/subjects.ts';
import { lastMessage, streamInfo } from '#core/nats/jetstream.ts';
import type { AgentProcessOptions } from '#tests/support/agent-process.ts';
import { gone } from '#tests/support/evidence.ts';
import { InventoryModule } from '#tests/support/inventory-module.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import type { TestProcess } from '#tests/support/processes.ts';
import { command } from '#tests/support/projection.ts';
import { PWSH } from '#tests/support/pwsh.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

/** How many messages of each section of a PC the broker has. */
async function told(pc: string): Promise<Record<string, number>> {
  const { state } = await streamInfo(nats, 'INVENTORY', { subjects_filter: `inventory.${pc}.*` });
  return Object.fromEntries(Object.entries(state.subjects ?? {}).map(([subject, count]) => [subject.split('.')[2], count as number]));
}

async function section(pc: string, name: string): Promise<InventorySection> {
  const message = await until(`${name} of ${pc} is told`, () => lastMessage(nats, 'INVENTORY', subjects.inventory(pc, name)));
  return decode(InventorySection, message.data);
}

/** Collects now, and gives the sections with whether each was news. */
async function collect(pc: string, sections?: string[]): Promise<string[]> {
  const { sections: said, problem } = await ask(pc, sections);
  expect(problem).toBeUndefined();
  return said.map(({ section, changed }) => `${section}${changed ? ' changed' : ''}`);
}

async function ask(pc: string, sections?: string[]): Promise<InventoryReply> {
  const body = encode(sections === undefined ? {} : { sections });
  const reply = subjects.reply(pc, randomUUID());
  return decode(InventoryReply, (await nats.request(subjects.control(pc, 'inventory'), body, { timeout: 60_000, reply })).data);
}

const heard = async (pc: string) => (await kanade.backend.call('POST', `/agents/${pc}/ping`)).body.heartbeat;

interface Bench {
  pc: string;
  module: InventoryModule;
  agent: TestProcess;
  /** The same PC, started again. */
  again(): Promise<TestProcess>;
}

async function bench(pc: string, more: Partial<NonNullable<AgentProcessOptions['inventory']>> = {}): Promise<Bench> {
  const module = await InventoryModule.create(join(kanade.dir, `module-${pc}`));
  await module.says('os', { name: 'Wïndows', build: 1 });
  await module.says('cpu', [{ device_id: '0' }]);
  const again = () => kanade.readyAgent(pc, { inventory: { module: module.path, ...more } });
  return { pc, module, agent: await again(), again };
}

describe.skipIf(PWSH === undefined)('the inventory that PowerShell reads', () => {
  test('is told by itself, and again only when it changes, also over a restart', async () => {
    const b = await bench('SELF', { firstWithin: [0, 0] });
    expect(await section(b.pc, 'os')).toMatchObject({ pc_id: 'SELF', section: 'os', data: { name: 'Wïndows', build: 1 }, faults: [] });
    await until('it was collected whole', async () => (await heard(b.pc)).inventory_at);
    const { inventory_at } = await heard(b.pc);
    expect(Math.abs(Date.parse(inventory_at) - Date.now())).toBeLessThan(60_000);
    expect(await told(b.pc)).toEqual({ os: 1, cpu: 1 });

    expect(await collect(b.pc)).toEqual(['os', 'cpu']);
    await b.agent.stop();
    await b.again();
    expect((await heard(b.pc)).inventory_at >= inventory_at).toBe(true);
    expect(await collect(b.pc)).toEqual(['os', 'cpu']);
    await b.module.says('os', { name: 'Wïndows', build: 2 });
    expect(await collect(b.pc, ['cpu', 'nonsense'])).toEqual(['cpu']);
    expect(await collect(b.pc)).toEqual(['os changed', 'cpu']);
    await until('it is told', async () => (await told(b.pc)).os === 2);
    expect((await section(b.pc, 'os')).data).toEqual({ name: 'Wïndows', build: 2 });
    expect(await told(b.pc)).toEqual({ os: 2, cpu: 1 });
  });

  test('is told anew by a PC that was enrolled anew, and by one that forgot what it had told', async () => {
    const b = await bench('ANEW');
    expect(await collect(b.pc)).toEqual(['os changed', 'cpu changed']);
    await b.agent.stop();
    expect((await kanade.backend.call('DELETE', `/agents/${b.pc}`)).status).toBe(200);
    expect((await kanade.backend.call('POST', `/agents/${b.pc}/readmit`)).status).toBe(200);
    const anew = await b.again();
    expect((await heard(b.pc)).inventory_at).toBeUndefined();
    expect(await collect(b.pc)).toEqual(['os changed', 'cpu changed']);
    await anew.kill();
    await writeFile(join(kanade.agentDir(b.pc), 'agent', 'inventory.json'), '{"torn');
    await b.again();
    // The backend may take it for the one that was killed.
    await until('it is confirmed', async () => (await ask(b.pc, [])).problem === undefined);
    expect(await collect(b.pc)).toEqual(['os changed', 'cpu changed']);
  });

  test('lacks what hangs, says so, and has the rest', async () => {
    const b = await bench('HANG', { section: 5000 });
    await b.module.does('os', '$PID > pid; Start-Sleep -Seconds 600');
    expect(await collect(b.pc)).toEqual(['os changed', 'cpu changed']);
    expect(await section(b.pc, 'os')).toMatchObject({ data: null, faults: [{ source: 'os', code: 'timed_out' }] });
    expect((await section(b.pc, 'cpu')).data).toEqual([{ device_id: '0' }]);
    expect(await collect(b.pc, ['os'])).toEqual(['os']);
    await b.module.says('os', { name: 'well again' });
    expect(await collect(b.pc, ['os'])).toEqual(['os changed']);
  });

  test('that is too long for a message is told as far as it fits', async () => {
    const b = await bench('LONG');
    const rows = Array.from({ length: 4000 }, (_, n) => ({ name: `ü${n}`, notes: 'x'.repeat(300) }));
    await b.module.says('software', rows);
    expect(await collect(b.pc, ['software'])).toEqual(['software changed']);
    const { data, faults } = await section(b.pc, 'software');
    const kept = (data as object[]).length;
    expect(data).toEqual(rows.slice(0, kept));
    expect(faults).toEqual([expect.objectContaining({ code: 'too_large', message: expect.stringContaining(`${4000 - kept} of 4000`) })]);
  });

  test('ends with the agent: a stop in the middle of a section leaves no process', async () => {
    const b = await bench('STOP');
    const work = join(kanade.agentDir(b.pc), 'agent', 'run');
    await b.module.does('os', `& /bin/sh -c 'echo $PPID $$ > pids; exec sleep 600'`);
    const asked = ask(b.pc);
    asked.catch(() => {});
    const pids = await until('a section is read', async () => {
      const [folder] = await readdir(work);
      return (await readFile(join(work, folder!, 'work', 'pids'), 'utf8')).trim().split(' ').map(Number);
    });
    await b.agent.stop();
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(await gone(pid)).toBe(true);
    expect(await readdir(work)).toEqual([]);
    expect(await told(b.pc)).toEqual({});
  });

  test('an agent that was killed in the middle of a section ends what it left, at its next start', async () => {
    const b = await bench('KILLED');
    const work = join(kanade.agentDir(b.pc), 'agent', 'run');
    await b.module.does('os', `& /bin/sh -c 'echo $PPID $$ > pids; exec sleep 600'`);
    ask(b.pc).catch(() => {});
    const pids = await until('a section is read', async () => {
      const [folder] = await readdir(work);
      return (await readFile(join(work, folder!, 'work', 'pids'), 'utf8')).trim().split(' ').map(Number);
    });
    await b.agent.kill();
    await b.again();
    for (const pid of pids) expect(await gone(pid)).toBe(true);
  });

  test('by the module itself is in the API once it was asked for', async () => {
    const module = fileURLToPath(new URL('../../Kanade.psd1', import.meta.url));
    await kanade.readyAgent('real', { inventory: { module } });
    const { status, body } = await kanade.backend.call('POST', '/agents/real/inventory/refresh', {});
    expect([status, body.sections.find((one: Json) => one.section === 'system')]).toEqual([200, { section: 'system', changed: true }]);
    const items: Json[] = (await kanade.backend.get('/agents/real/inventory')).sections;
    expect(items.map((one) => one.section)).toEqual(expect.arrayContaining(body.sections.map((one: Json) => one.section)));
    expect(items.find((one) => one.section === 'system')).toMatchObject({ custom: false, faults: [], data: { memory_bytes: totalmem() } });
    // Asked again at once, nothing that was read has changed; how much is free may have, by whoever else writes to this disk.
    const again = await kanade.backend.call('POST', '/agents/real/inventory/refresh', {});
    expect(again.body.sections.filter((one: Json) => one.changed && one.section !== 'volumes')).toEqual([]);
  });

  test('a module that is not there is a problem that who asks is told', async () => {
    await kanade.readyAgent('nomodule', { inventory: { module: join(kanade.dir, 'nowhere', 'Kanade.psd1') } });
    expect(await ask('NOMODULE')).toEqual({ sections: [], problem: expect.stringContaining('cannot be imported') });
  });
});

describe('what scripts write', () => {
  /** Runs a script that writes a section, and gives its row. */
  async function run(pc: string, name: string, script: string, state = 'succeeded', more: Partial<Command> = {}): Promise<string> {
    const exec = randomUUID();
    const sent = command(exec, { inventory_section: name, script, ...more });
    await nats.publishStored(subjects.commandPc(pc, exec), encode(sent));
    await kanade.backend.inState(exec, pc, state);
    return exec;
  }

  test('becomes a section, told when it changes, and the result is what it always is', async () => {
    await kanade.readyAgent('custom');
    const write = (seats: number) => `echo '[{"ProductName": "Café", "Seats": ${seats}}]'`;
    const first = await run('CUSTOM', 'licences', write(1), 'succeeded', { id: 'licence-job' });
    expect(await section('CUSTOM', 'licences')).toMatchObject({
      section: 'licences',
      data: [{ product_name: 'Café', seats: 1 }],
      faults: [],
      job_id: 'licence-job',
      exec_id: first,
    });
    const { result_id } = await kanade.backend.target(first, 'CUSTOM');
    expect((await kanade.backend.get(`/results/${result_id}`)).stdout).toBe('[{"ProductName": "Café", "Seats": 1}]\n');
    await run('CUSTOM', 'licences', write(1));
    await run('CUSTOM', 'licences', write(2));
    await until('it is told', async () => (await section('CUSTOM', 'licences')).data[0].seats === 2);
    expect(await told('CUSTOM')).toEqual({ licences: 2 });
  });

  test('that is no JSON is told as that; what failed tells nothing, and no name that is not its own is taken', async () => {
    await kanade.readyAgent('notjson');
    await run('NOTJSON', 'notes', 'echo hello', 'succeeded', { id: 'ad-hoc' });
    expect(await section('NOTJSON', 'notes')).toMatchObject({ data: null, faults: [{ source: 'notes', code: 'not_json' }], job_id: null });
    await run('NOTJSON', 'failing', `echo '{"a": 1}'; exit 1`, 'failed');
    for (const name of ['os', 'Notes', 'a.b', '']) await run('NOTJSON', name, `echo '{"a": 1}'`);
    await run('NOTJSON', 'last', `echo '{"a": 1}'`);
    await section('NOTJSON', 'last');
    expect(await told('NOTJSON')).toEqual({ notes: 1, last: 1 });
    const log = await readFile(join(kanade.agentDir('notjson'), 'test.log'), 'utf8');
    expect(log.match(/names no section that a script may write/g)).toHaveLength(4);
  });

  test('an agent without PowerShell answers that it reads no inventory', async () => {
    await kanade.readyAgent('bare');
    expect(await ask('BARE')).toEqual({ sections: [], problem: 'this agent reads no inventory' });
    expect((await heard('BARE')).inventory_at).toBeUndefined();
  });
});

// Last: it takes the broker away from everybody.
test.skipIf(PWSH === undefined)('what is collected while the broker is away arrives when it is back', async () => {
  const b = await bench('AWAY');
  const gate = join(kanade.dir, 'gate');
  await b.module.says('os', { name: 'from offline' });
  const os = await readFile(join(kanade.dir, 'module-AWAY', 'answers', 'os.ps1'), 'utf8');
  await b.module.does('os', `while (-not (Test-Path '${gate}')) { Start-Sleep -Milliseconds 50 }; ${os}`);
  ask(b.pc).catch(() => {});
  const run = join(kanade.agentDir(b.pc), 'agent', 'run');
  await until('PowerShell runs', async () => (await readdir(run)).length > 0);
  await kanade.broker.kill();
  await writeFile(gate, '');
  const outbox = join(kanade.agentDir(b.pc), 'agent', 'outbox', 'inventory');
  await until('both wait in the outbox', async () => (await readdir(outbox)).filter((name) => /^(os|cpu)[.]json$/.test(name)).length === 2);
  await kanade.broker.restart();
  await until('both are told', async () => Object.keys(await told(b.pc)).length === 2);
  expect((await section(b.pc, 'os')).data).toEqual({ name: 'from offline' });
});
