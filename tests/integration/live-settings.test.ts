import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { connectProxy } from '#tests/support/connect-proxy.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { until } from '#tests/support/until.ts';

const AGENT = fileURLToPath(new URL('../../core/agent/main.ts', import.meta.url));

const { kanade } = await kanadeOfFile({ identities: true, tls: true });

const running: ChildProcess[] = [];
afterEach(async () => {
  for (const child of running.splice(0)) {
    child.stdin!.end();
    if (child.exitCode === null) await once(child, 'exit');
  }
});

/** The agent as a service: its settings lie in its data folder, and its host says on its standard input that they may have changed. */
async function service(pc: string) {
  const dir = kanade.agentDir(pc);
  await mkdir(dir, { recursive: true });
  const settings: Json = { ...(await told()), pc_id: pc, inventory_interval: 'off' };
  const write = (more: Json) => writeFile(join(dir, 'settings.json'), JSON.stringify(Object.assign(settings, more)));
  await write({});
  const child = spawn(process.execPath, [AGENT, '--service', '--data-dir', dir], { stdio: ['pipe', 'ignore', 'inherit'] });
  running.push(child);
  await kanade.backend.agentReady(pc);
  return {
    dir,
    /** Writes these settings, and tells the agent. */
    async change(more: Json) {
      await write(more);
      child.stdin!.write('settings changed\n');
    },
    log: () => readFile(join(dir, 'agent', 'log', 'agent.1.log'), 'utf8'),
    logged: (text: string) =>
      until(`the log has ${text}`, async () => (await readFile(join(dir, 'agent', 'log', 'agent.1.log'), 'utf8')).includes(text)),
    settings: async (): Promise<Json> => {
      const { status, body } = await kanade.backend.call('GET', `/agents/${pc}/inventory/agent_settings`);
      return status === 200 ? Object.fromEntries(body.data.map(({ name, value, source }: Json) => [name, { value, source }])) : {};
    },
    reports: (name: string, value: unknown, source = 'file') =>
      until(`${pc} reports ${name}`, async () => {
        const { body } = await kanade.backend.call('GET', `/agents/${pc}/inventory/agent_settings`);
        const row = body.data?.find((one: Json) => one.name === name);
        return JSON.stringify(row) === JSON.stringify({ name, value, source }) || Promise.reject(new Error(JSON.stringify(row)));
      }),
  };
}

async function told(): Promise<Json> {
  const { server, token } = await kanade.identityFor();
  return { server, enrolment_token: token };
}

test('an agent says what counts and who said so, also where it collects no inventory, and again when that changes', async () => {
  const pc = await service('says');
  await pc.reports('inventory_interval', 'off');
  await pc.reports('output_limit_kb', '8192', 'default');
  expect(JSON.stringify(await pc.settings())).not.toContain('ket_');
  await pc.change({ groups: 'Sales,Tokyo', update_ring: 'pilot', log_level: 'error' });
  await pc.reports('groups', ['Sales', 'Tokyo']);
  await pc.reports('update_ring', 'pilot');
  await pc.change({ update_ring: 'broad' });
  await pc.reports('update_ring', 'broad');
  // By the level that counted then.
  expect(await pc.log()).toContain('"changes":["groups","update_ring","log_level"]');
  expect(await pc.log()).not.toContain('"changes":["update_ring"]');
});

test('the groups that a PC names itself are a fact to be asked for, and no membership', async () => {
  const pc = await service('names');
  await kanade.backend.call('PUT', '/agents/names/groups', { groups: ['Lab'] });
  await kanade.backend.call('PUT', '/groups/by-policy', { query: ['agent_settings.name=groups', 'agent_settings.value=Sales'] });
  await pc.change({ groups: 'Sales,Secret' });
  await pc.reports('groups', ['Sales', 'Secret']);
  await until('it is in the dynamic group', async () => (await kanade.backend.get('/agents/NAMES')).groups.includes('by-policy'));
  expect((await kanade.backend.get('/agents/NAMES')).groups).toEqual(['Lab', 'by-policy']);
  expect((await kanade.backend.get('/agents/NAMES/groups')).groups).toEqual(['Lab']);
  const { status, body } = await kanade.backend.call('POST', '/executions', {
    shell: 'sh',
    script: 'true',
    target: { groups: ['Secret'] },
  });
  expect([status, body.code]).toEqual([422, 'target_empty']);
});

test('limits hold for what starts from then on: how many scripts at once, and how much of their output is kept', async () => {
  const pc = await service('limits');
  await pc.change({ parallel_runs: 1 });
  await pc.reports('parallel_runs', '1');
  const started = (name: string) => join(pc.dir, name);
  const meets = (mine: string, other: string) =>
    kanade.backend.submit({
      script: `touch ${started(mine)}; until [ -e ${started(other)} ]; do sleep 0.05; done`,
      target: { pcs: ['limits'] },
    });
  const first = await meets('a', 'b');
  await until('the first one runs', () => existsSync(started('a')));
  const admitted = async () => (await readdir(join(pc.dir, 'agent', 'ledger'))).filter((name) => name.endsWith('.json'));
  const before = (await admitted()).length;
  const second = await meets('b', 'a');
  await until('the second one waits', async () => (await admitted()).length > before);
  expect(existsSync(started('b'))).toBe(false);
  await pc.change({ parallel_runs: 2, output_limit_kb: 64 });
  for (const exec of [first, second]) await kanade.backend.inState(exec, 'limits', 'succeeded');
  const long = await kanade.backend.submit({ script: 'head -c 300000 /dev/zero | tr "\\0" x', target: { pcs: ['limits'] } });
  const { result_id } = await kanade.backend.inState(long, 'limits', 'succeeded');
  expect(await kanade.backend.get(`/results/${result_id}`)).toMatchObject({ stdout_bytes: 300_000, stdout_truncated: true });
});

test('what is malformed leaves what there was, and is named until it is right', async () => {
  const pc = await service('slips');
  await pc.change({ parallel_runs: 3 });
  await pc.reports('parallel_runs', '3');
  await pc.change({ parallel_runs: 'many', update_ring: 'pilot' });
  // What is right beside it counts.
  await pc.reports('update_ring', 'pilot');
  const problems = async () => (await kanade.backend.get('/agents/SLIPS')).problems;
  await until('it is told of', async () => (await problems()).length > 0);
  expect(await problems()).toEqual([{ code: 'setting_invalid', detail: expect.stringContaining('"parallel_runs" in') }]);
  expect((await pc.settings()).parallel_runs).toEqual({ value: '3', source: 'file' });
  await pc.change({ parallel_runs: 4 });
  await pc.reports('parallel_runs', '4');
  await until('nothing is wrong any more', async () => (await problems()).length === 0);
});

test('a server and a proxy that are changed are used at once', async () => {
  await using proxy = await connectProxy({ credentials: 'me:geheim' });
  const pc = await service('moves');
  const { port } = new URL(kanade.backend.url);
  await pc.change({ server: `https://localhost:${port}`, proxy: proxy.url.replace('http://', 'http://me:geheim@') });
  await until('the proxy was asked for the new server', () => proxy.asked.includes(`CONNECT localhost:${port}`));
  await pc.logged('the identity was renewed');
  await pc.reports('proxy', proxy.url);
  expect(JSON.stringify(await pc.settings())).not.toContain('geheim');
});

test('a broker that the settings name is gone to as soon as no script runs', async () => {
  const pc = await service('follows');
  const gate = join(pc.dir, 'gate');
  const script = `touch ${gate}.here; until [ -e ${gate} ]; do sleep 0.05; done; echo done`;
  const exec = await kanade.backend.submit({ script, target: { pcs: ['follows'] } });
  await until('it runs', () => existsSync(`${gate}.here`));
  await pc.change({ nats: kanade.broker.url.replace('127.0.0.1', 'localhost') });
  await pc.reports('nats', kanade.broker.url.replace('127.0.0.1', 'localhost'));
  expect(await pc.log()).not.toContain('the agent begins anew');
  await writeFile(gate, '');
  await kanade.backend.inState(exec, 'follows', 'succeeded');
  // It looks again within half a minute, or when the settings change once more.
  await pc.change({ update_ring: 'pilot' });
  await pc.logged('the agent begins anew');
  await pc.reports('update_ring', 'pilot');
  const after = await kanade.backend.submit({ script: 'echo there', target: { pcs: ['follows'] } });
  await kanade.backend.inState(after, 'follows', 'succeeded');
});
