import { existsSync } from 'node:fs';
import { copyFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePorts } from '#tests/support/cluster.ts';
import { TestBackend } from '#tests/support/kanade.ts';
import { startProcess, type TestProcess } from '#tests/support/processes.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';
import { windowsPrograms } from '#tests/support/windows-host.ts';
import { CAN_INSTALL, testBackendMsi } from '#tests/support/windows-msi.ts';
import { SET_UP_WITHIN, startWine, type Wine } from '#tests/support/wine.ts';

let wine: Wine;
let temp: Awaited<ReturnType<typeof tempDir>>;
let msi: string;
let missing: string | undefined;
let api: number;
let broker: number;
const agents: TestProcess[] = [];

beforeAll(async () => {
  if (!CAN_INSTALL) return;
  temp = await tempDir();
  const made = await testBackendMsi(temp.path, '1.2.3');
  if (typeof made !== 'string') {
    missing = `nats-server.exe cannot be had: ${made.missing}`;
    if (process.env.KANADE_REQUIRE_WINE === '1') throw new Error(missing);
    process.stderr.write(`\n*** ${missing}: the tests of the backend's package ARE SKIPPED ***\n\n`);
    return;
  }
  msi = made;
  wine = await startWine();
  await copyFile((await windowsPrograms()).bcryptprimitives, join(wine.c, 'windows', 'system32', 'bcryptprimitives.dll'));
  [api, broker] = (await freePorts(2)) as [number, number];
}, 2 * SET_UP_WITHIN);
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.kill()));
  await wine?.[Symbol.asyncDispose]();
  await temp?.[Symbol.asyncDispose]();
});

const DATA = ['ProgramData', 'Kanade', 'Backend'];
const log = (service: string) => readFile(join(wine.c, ...DATA, 'host', 'log', `${service}.log`), 'utf8').catch(() => '');

async function state(service: string): Promise<string> {
  return /STATE\s+: \d+\s+(\w+)/.exec((await wine.run('sc', 'query', service)).stdout)?.[1] ?? 'none';
}

/** 3010 says that a program was still on its way out, and its file goes with the next restart. Of exit codes wine leaves eight bits. */
const DONE: unknown[] = [0, 3010 & 0xff];

async function msiexec(how: '/i' | '/x', ...properties: string[]): Promise<void> {
  const { code } = await wine.run('msiexec', how, `Z:${msi.replaceAll('/', '\\')}`, '/qn', ...properties);
  if (DONE.includes(code)) return;
  const ends = await Promise.all(['KanadeBroker', 'KanadeBackend'].map(async (service) => (await log(service)).slice(-2000)));
  throw new Error(`msiexec ${how} ended with ${code}\n${ends.join('\n')}`);
}

/** Both at once: the backend waits for no broker. Left to stop them itself, wine's installer may fail (1603). */
async function stop(): Promise<void> {
  const both = ['KanadeBackend', 'KanadeBroker'];
  await Promise.all(both.map((service) => wine.run('sc', 'stop', service)));
  await until('both have stopped', async () => (await Promise.all(both.map(state))).every((is) => is === 'STOPPED'));
}

/** The backend is ready, whatever it takes. */
async function ready(): Promise<void> {
  await until(
    'the backend is ready',
    async () => (await fetch(`http://127.0.0.1:${api}/readyz`).catch(() => undefined))?.status === 200,
  ).catch(async (error) => {
    throw new Error(`${error.message}\n${await log('KanadeBroker')}\n${await log('KanadeBackend')}`);
  });
}

async function backend(): Promise<TestBackend> {
  const token = await readFile(join(wine.c, ...DATA, 'admin.token'), 'utf8');
  return new TestBackend(undefined as unknown as TestProcess, `http://127.0.0.1:${api}`, token.trim(), join(wine.c, ...DATA));
}

async function runs(api: TestBackend, script: string): Promise<string> {
  const { result_id } = await api.inState(await api.submit({ script, target: { pcs: ['PC1'] } }), 'PC1', 'succeeded');
  return (await api.get(`/results/${result_id}`)).stdout;
}

/** Each test goes on where the one before it has left the server. */
describe.skipIf(!CAN_INSTALL)("a server with the backend's package", () => {
  test('broker and backend run as services; a PC enrols, and runs a script', { timeout: SET_UP_WITHIN }, async ({ skip }) => {
    skip(missing !== undefined, missing);
    const where = [`LISTEN=127.0.0.1:${api}`, `BROKER_LISTEN=127.0.0.1:${broker}`, 'PUBLIC_NAME=localhost'];
    await msiexec('/i', ...where);
    expect([await state('KanadeBroker'), await state('KanadeBackend')]).toEqual(['RUNNING', 'RUNNING']);
    await ready();
    expect(await (await fetch(`http://127.0.0.1:${api}/healthz`)).json()).toEqual({ ok: true, open: false });
    const server = await backend();
    const identity = { server: server.url, token: await server.enrolmentToken() };
    const options = { pcId: 'PC1', dataDir: join(temp.path, 'agent'), identity };
    const agent = startProcess('tests/support/agent-process.ts', [JSON.stringify(options)]);
    agents.push(agent);
    await agent.ready;
    await server.agentReady('PC1');
    expect(await runs(server, 'echo through two services')).toBe('through two services\n');
  });

  test('a broker that is killed comes back, and so does the PC', async ({ skip }) => {
    skip(missing !== undefined, missing);
    const [pid] = await wine.processesWith('nats-server.exe');
    process.kill(pid!, 'SIGKILL');
    await until('another nats-server runs', async () => (await wine.processesWith('nats-server.exe')).some((each) => each !== pid));
    await ready();
    const server = await backend();
    await server.agentReady('PC1');
    expect(await runs(server, 'echo again')).toBe('again\n');
  });

  test('installed anew it keeps what it was given and who it is; removed, it keeps its data, and with REMOVE_DATA=1 nothing', {
    timeout: SET_UP_WITHIN,
  }, async ({ skip }) => {
    skip(missing !== undefined, missing);
    await Promise.all(agents.map((agent) => agent.kill()));
    const data = join(wine.c, ...DATA);
    const before = await readFile(join(data, 'admin.token'), 'utf8');
    const newer = await testBackendMsi(temp.path, '1.3.0');
    msi = String(newer);
    await stop();
    await msiexec('/i');
    await ready();
    expect(await readFile(join(data, 'admin.token'), 'utf8')).toBe(before);
    expect((await wine.run('reg', 'query', 'HKLM\\SOFTWARE\\Kanade\\Backend', '/v', 'PublicName', '/reg:64')).stdout).toContain(
      'localhost',
    );
    await stop();
    await msiexec('/x');
    expect([await state('KanadeBroker'), await state('KanadeBackend')]).toEqual(['none', 'none']);
    expect(await wine.processesWith('nats-server.exe')).toEqual([]);
    await gone(join(wine.c, 'Program Files', 'Kanade'));
    expect(existsSync(join(data, 'admin.token'))).toBe(true);
    await msiexec('/i');
    await stop();
    await msiexec('/x', 'REMOVE_DATA=1');
    await gone(data);
  });
});

/** No file is left there. Wine leaves empty folders when a program that has just ended still held its file. */
function gone(folder: string): Promise<unknown> {
  return until(`${folder} is gone`, async () => {
    const left = existsSync(folder) ? await readdir(folder, { recursive: true, withFileTypes: true }) : [];
    const files = left.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    return files.length === 0 || Promise.reject(new Error(files.join(', ')));
  });
}
