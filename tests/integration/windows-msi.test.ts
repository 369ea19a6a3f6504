import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Json, TestKanade } from '#tests/support/kanade.ts';
import { type Contents, envelopeOf, manifestOf, releaseKey } from '#tests/support/release.ts';
import { releaseArchive, upload } from '#tests/support/release-upload.ts';
import { until } from '#tests/support/until.ts';
import { windowsPrograms } from '#tests/support/windows-host.ts';
import { CAN_INSTALL, testMsi, testVersion } from '#tests/support/windows-msi.ts';
import { SET_UP_WITHIN, startWine, type Wine } from '#tests/support/wine.ts';

const key = releaseKey();
let kanade: TestKanade;
let wine: Wine;
let msi: string;

beforeAll(async () => {
  if (!CAN_INSTALL) return;
  kanade = await TestKanade.start({ identities: true, backend: false });
  const keys = join(kanade.dir, 'keys.json');
  await writeFile(keys, JSON.stringify({ format: 1, keys: [key.public] }));
  kanade.backend = await kanade.startBackend('one', ['--release-keys', keys]);
  wine = await startWine();
  msi = await testMsi(kanade.dir, '1.2.3');
}, SET_UP_WITHIN);
afterAll(async () => {
  await wine?.[Symbol.asyncDispose]();
  await kanade?.[Symbol.asyncDispose]();
});

const AGENT_KEY = 'HKLM\\SOFTWARE\\Kanade\\Agent';

/** The values of a key, by name. */
async function registry(key: string): Promise<Record<string, string>> {
  const { stdout } = await wine.run('reg', 'query', key, '/reg:64');
  return Object.fromEntries([...stdout.matchAll(/^ {4}(.+?) {4}REG_\w+ {4}(.*?)\r?$/gm)].map(([, name, value]) => [name!, value!]));
}

async function service(): Promise<string> {
  return /STATE\s+: \d+\s+(\w+)/.exec((await wine.run('sc', 'query', 'KanadeAgent')).stdout)?.[1] ?? 'none';
}

/** The log of the agent, for a failure's message. */
const agentLog = () => readFile(join(wine.c, 'ProgramData', 'Kanade', 'agent', 'log', 'agent.log'), 'utf8').catch(() => '');
const hostLog = () => readFile(join(wine.c, 'ProgramData', 'Kanade', 'host', 'log', 'KanadeAgent.log'), 'utf8').catch(() => '');

const windowsPath = (path: string) => `Z:${path.replaceAll('/', '\\')}`;

async function msiexec(how: '/i' | '/x', path: string, ...properties: string[]): Promise<number | null> {
  return (await wine.run('msiexec', how, windowsPath(path), '/qn', ...properties)).code;
}

/** The PC is connected, as this version. */
async function connected(version: string): Promise<void> {
  await until(`WINPC1 runs ${version}`, async () => {
    const agent = await kanade.backend.get('/agents/WINPC1');
    return agent.online && agent.version === version;
  }).catch(async (error) => {
    throw new Error(`${error.message}\n${await hostLog()}\n${await agentLog()}`);
  });
}

/** A script of cmd whose child has a child of its own, in a folder of Windows by which they are known, once all of them run. */
async function startTree(name: string, more: object = {}): Promise<string> {
  const folder = join(wine.c, name);
  await mkdir(folder);
  await copyFile((await windowsPrograms()).actor, join(folder, 'actor.exe'));
  await writeFile(join(folder, 'child'), `spawn C:\\${name}\\grandchild\nhang\n`);
  await writeFile(join(folder, 'grandchild'), 'hang\n');
  const script = `echo so far\r\nC:\\${name}\\actor.exe C:\\${name}\\child`;
  const exec = await kanade.backend.submit({ shell: 'cmd', script, target: { pcs: ['WINPC1'] }, ...more });
  await until('the grandchild runs', async () => (await wine.processesWith(`C:\\${name}\\grandchild`)).length === 1);
  return exec;
}

/** What the PC has run, as the result of a script of cmd. */
async function runs(script: string): Promise<{ exit: number; stdout: string }> {
  const exec = await kanade.backend.submit({ shell: 'cmd', script, target: { pcs: ['WINPC1'] } });
  const { exit_code, result_id } = await kanade.backend.inState(exec, 'WINPC1', 'succeeded', 'failed');
  return { exit: exit_code, stdout: (await kanade.backend.get(`/results/${result_id}`)).stdout };
}

/** Adds a release of that version, with some of its files as they are given. */
async function release(version: string, changed: Contents = {}): Promise<void> {
  const files = (await testVersion(version, [key.public])).filter(({ name }) => name !== 'release.json');
  const contents: Contents = { ...Object.fromEntries(files.map(({ name, bytes }) => [name, bytes])), ...changed };
  const [created, expires] = [0, 90].map((days) => new Date(Date.now() + days * 86_400_000).toISOString());
  const serial = Math.floor(Date.now() / 1000);
  const envelope = envelopeOf(manifestOf(contents, { version, serial, created: created!, expires: expires! }), key);
  const { status, body } = await upload(kanade.backend, releaseArchive(envelope, contents));
  if (status !== 201) throw new Error(JSON.stringify(body));
}

/** What becomes of an update of the PC. */
async function updated(version: string): Promise<{ state: string; reason: string | null }> {
  const exec = await kanade.backend.submit({ shell: undefined, update: { version }, target: { pcs: ['WINPC1'] } });
  return until(
    `the update to ${version} has ended`,
    async () => {
      const row = await kanade.backend.target(exec, 'WINPC1');
      return !['queued', 'running'].includes(row.state) && row;
    },
    120_000,
  ).catch(async (error) => {
    throw new Error(`${error.message}\n${await hostLog()}\n${await agentLog()}`);
  });
}

/** No file is left there. Wine leaves empty folders when a program that has just ended still held its file. */
function gone(folder: string): Promise<unknown> {
  return until(`${folder} is gone`, async () => {
    const left = existsSync(folder) ? await readdir(folder, { recursive: true, withFileTypes: true }) : [];
    const files = left.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
    return files.length === 0 || Promise.reject(new Error(files.join(', ')));
  });
}

/** Each test goes on where the one before it has left the PC. */
describe.skipIf(!CAN_INSTALL)('a PC with the package', () => {
  test('its service enrols at the backend by what the package was given, runs a script of cmd, and the result comes back', async () => {
    await wine.run('reg', 'add', 'HKLM\\SOFTWARE\\Policies\\Kanade\\Agent', '/v', 'PcId', '/d', 'WINPC1', '/f', '/reg:64');
    // Any user may make this before an administrator installs.
    const data = join(wine.c, 'ProgramData', 'Kanade');
    await mkdir(data);
    await chmod(data, 0o777);
    await writeFile(join(data, 'settings.json'), JSON.stringify({ open: true, nats: 'nats://127.0.0.1:1' }));
    const token = await kanade.backend.enrolmentToken();
    expect(await msiexec('/i', msi, `NATS_URL=${kanade.broker.url}`, `SERVER_URL=${kanade.backend.url}`, `ENROL_TOKEN=${token}`)).toBe(0);
    expect(await service()).toBe('RUNNING');
    await connected('1.2.3');
    const { exit, stdout } = await runs('echo from %COMSPEC%\r\nexit 5');
    expect(exit).toBe(5);
    expect(stdout).toMatch(/from C:\\windows\\system32\\cmd\.exe/i);
    const values = await registry(AGENT_KEY);
    expect(values).toMatchObject({ Version: '1.2.3', NatsUrl: kanade.broker.url, Server: kanade.backend.url });
    // There is no .NET for this Node: what could be told by it is not known, and all else goes on.
    await until('it says so', async () => (await hostLog()).includes('has not been pre-compiled for node.js version v22'));
    expect(await kanade.backend.get('/agents/WINPC1')).toMatchObject({ logged_on_user: null, pending_reboot: null, defender: null });
    const [aside] = (await readdir(join(data, '..'))).filter((name) => name.startsWith('Kanade.untrusted-'));
    expect(await readdir(join(data, '..', aside!))).toEqual(['settings.json']);
    expect(await hostLog()).toMatch(/event 1018 error C:\\ProgramData\\Kanade can be written in by others/);
    // It has been used.
    expect(values).not.toHaveProperty('EnrolmentToken');
  });

  test('a repair puts back what is missing, and takes nothing that is said with it', async () => {
    const before = await registry(AGENT_KEY);
    await wine.run('reg', 'delete', AGENT_KEY, '/v', 'Version', '/f', '/reg:64');
    const said = ['SERVER_URL=https://evil.test:1', 'NATS_URL=tls://evil.test:2', 'ENROL_TOKEN=ket_evil', 'GROUPS=evil', 'REMOVE_DATA=1'];
    // What /f is, with properties: wine's /f takes none.
    expect(await msiexec('/i', msi, 'REINSTALL=ALL', 'REINSTALLMODE=omus', ...said)).toBe(0);
    expect(await registry(AGENT_KEY)).toEqual(before);
    await connected('1.2.3');
  });

  test('a policy counts without a restart, and the backend is told of it', async () => {
    const groups = async () => {
      const { body } = await kanade.backend.call('GET', '/agents/WINPC1/inventory/agent_settings');
      return body.data?.find(({ name }: Json) => name === 'groups');
    };
    await until('it says what it is', async () => (await groups())?.source === 'default');
    await wine.run('reg', 'add', 'HKLM\\SOFTWARE\\Policies\\Kanade\\Agent', '/v', 'Groups', '/d', 'Sales,Tokyo', '/f', '/reg:64');
    await until('it says what the policy is', async () => (await groups())?.source === 'policy');
    expect(await groups()).toEqual({ name: 'groups', value: ['Sales', 'Tokyo'], source: 'policy' });
  });

  test('a script that runs too long is ended with all that it has started, and the result says so', async () => {
    const exec = await startTree('slow', { timeout: '10s' });
    const { result_id } = await kanade.backend.inState(exec, 'WINPC1', 'timed_out');
    expect(await kanade.backend.get(`/results/${result_id}`)).toMatchObject({
      detail: 'it ran longer than 10 s; nothing that it started runs any more',
      stdout: expect.stringContaining('so far'),
    });
    expect(await wine.processesWith('C:\\slow\\')).toEqual([]);
    const log = await hostLog();
    const sha256 = '[0-9a-f]{64}';
    expect(log).toMatch(new RegExp(`event 1020 info a script starts: exec=${exec} job=ad-hoc actor=\\S+ sha256=${sha256}\r\n`));
    // What is ended has a code as well, by whoever has ended it.
    expect(log).toMatch(new RegExp(`event 1021 info a script has ended: exec=${exec} status=timed_out(?: exit_code=\\d+)?\r\n`));
    expect(log).not.toContain('actor.exe C:\\slow');
  });

  test('a script that is cancelled is ended with all that it has started', async () => {
    const exec = await startTree('unwanted');
    await kanade.backend.call('POST', `/executions/${exec}/cancel`, {});
    const { result_id } = await kanade.backend.inState(exec, 'WINPC1', 'killed');
    expect(await kanade.backend.get(`/results/${result_id}`)).toMatchObject({
      reason: 'cancelled',
      detail: 'nothing that it started runs any more',
    });
    expect(await wine.processesWith('C:\\unwanted\\')).toEqual([]);
  });

  test('a script whose agent is killed ends with it, and its result says that nothing is known', async () => {
    const exec = await startTree('orphan');
    const [agent] = await wine.processesWith('agent.mjs --service');
    process.kill(agent!, 'SIGKILL');
    await until('nothing of it runs', async () => (await wine.processesWith('C:\\orphan\\')).length === 0);
    expect(await kanade.backend.inState(exec, 'WINPC1', 'unknown')).toMatchObject({ reason: 'agent_died' });
  });

  test('an upgrade keeps who the PC is and what it was given; an older package is refused', async () => {
    const newer = await testMsi(kanade.dir, '1.3.0', [key.public]);
    const identity = () => readFile(join(wine.c, 'ProgramData', 'Kanade', 'agent', 'identity.json'), 'utf8');
    const before = await identity();
    expect(await msiexec('/i', newer)).toBe(0);
    await connected('1.3.0');
    expect(await identity()).toBe(before);
    expect(await registry(AGENT_KEY)).toEqual({ Version: '1.3.0', NatsUrl: kanade.broker.url, Server: kanade.backend.url });
    expect(existsSync(join(wine.c, 'Program Files', 'Kanade', 'Agent', 'versions', '1.2.3'))).toBe(false);
    // 1603, of which wine leaves the lowest eight bits.
    expect(await msiexec('/i', msi)).toBe(1603 & 0xff);
    expect(await service()).toBe('RUNNING');
    expect((await runs('echo still here')).stdout).toContain('still here');
    msi = newer;
  });

  test('an update by a command runs the new version, which has fetched what is new of it and reports', async () => {
    await release('1.4.0');
    expect(await updated('1.4.0')).toMatchObject({ state: 'succeeded' });
    await connected('1.4.0');
    await until('the host keeps it', async () => (await hostLog()).includes('event 1011 info version 1.4.0 works'));
    expect((await readdir(join(wine.c, 'Program Files', 'Kanade', 'Agent', 'versions'))).sort()).toEqual(['1.3.0', '1.4.0']);
  });

  test('a version that does not start is taken back after its crashes, and is not tried again; scripts run', async () => {
    await release('1.5.0', { 'agent.mjs': 'throw new Error("this one is broken");' });
    expect(await updated('1.5.0')).toMatchObject({ state: 'failed', reason: 'update_rolled_back' });
    await connected('1.4.0');
    // By its crashes, and not by the minute that it has to be ready: a clock would say how busy this machine is (windows-host-swap.test.ts).
    expect(await hostLog()).toContain('version 1.5.0 crashed again and again');
    expect((await runs('echo still here')).stdout).toContain('still here');
    expect(await updated('1.5.0')).toMatchObject({ state: 'failed', reason: 'update_barred' });
  });

  test('a repair by the package does not lower it', async () => {
    expect(await msiexec('/i', msi, 'REINSTALL=ALL', 'REINSTALLMODE=amus')).toBe(0);
    expect(await service()).toBe('RUNNING');
    await connected('1.4.0');
    expect((await runs('echo still here')).stdout).toContain('still here');
  });

  test('removed, it leaves its data, and with REMOVE_DATA=1 nothing', async () => {
    const data = join(wine.c, 'ProgramData', 'Kanade');
    const programs = join(wine.c, 'Program Files', 'Kanade');
    expect(await msiexec('/x', msi)).toBe(0);
    expect(await service()).toBe('none');
    await gone(programs);
    expect(existsSync(join(data, 'agent', 'identity.json'))).toBe(true);
    expect(await registry(AGENT_KEY)).toEqual({});
    // Installed again it is who it was, without a token.
    expect(await msiexec('/i', msi, `NATS_URL=${kanade.broker.url}`, `SERVER_URL=${kanade.backend.url}`)).toBe(0);
    await connected('1.3.0');
    expect(await msiexec('/x', msi, 'REMOVE_DATA=1')).toBe(0);
    await gone(programs);
    await gone(data);
  });
});
