import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestKanade } from '#tests/support/kanade.ts';
import { until } from '#tests/support/until.ts';
import { CAN_INSTALL, testMsi } from '#tests/support/windows-msi.ts';
import { startWine, type Wine } from '#tests/support/wine.ts';

let kanade: TestKanade;
let wine: Wine;
let msi: string;

beforeAll(async () => {
  if (!CAN_INSTALL) return;
  kanade = await TestKanade.start({ identities: true });
  wine = await startWine();
  msi = await testMsi(kanade.dir, '1.2.3');
}, 300_000);
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

test.skipIf(!CAN_INSTALL)(
  'a PC gets the package, its service enrols at the backend, runs a script of cmd, and the result comes back; afterwards nothing is left',
  async () => {
    await wine.run('reg', 'add', 'HKLM\\SOFTWARE\\Policies\\Kanade\\Agent', '/v', 'PcId', '/d', 'WINPC1', '/f', '/reg:64');
    const properties = [
      `NATS_URL=${kanade.broker.url}`,
      `SERVER_URL=${kanade.backend.url}`,
      `ENROL_TOKEN=${await kanade.backend.enrolmentToken()}`,
    ];
    const installed = await wine.run('msiexec', '/i', `Z:${msi.replaceAll('/', '\\')}`, '/qn', ...properties);
    expect(installed.code, installed.stderr).toBe(0);
    expect(await service()).toBe('RUNNING');
    await kanade.backend.agentReady('WINPC1').catch(async (error) => {
      throw new Error(`${error.message}\n${await hostLog()}\n${await agentLog()}`);
    });
    const exec = await kanade.backend.submit({ shell: 'cmd', script: 'echo from %COMSPEC%\r\nexit 5', target: { pcs: ['WINPC1'] } });
    const row = await kanade.backend.inState(exec, 'WINPC1', 'failed');
    expect(row).toMatchObject({ exit_code: 5 });
    expect((await kanade.backend.get(`/results/${row.result_id}`)).stdout).toMatch(/from C:\\windows\\system32\\cmd\.exe/i);
    const values = await registry(AGENT_KEY);
    expect(values).toMatchObject({ Version: '1.2.3', NatsUrl: kanade.broker.url, Server: kanade.backend.url });
    // It has been used.
    expect(values).not.toHaveProperty('EnrolmentToken');
    const removed = await wine.run('msiexec', '/x', `Z:${msi.replaceAll('/', '\\')}`, '/qn', 'REMOVE_DATA=1');
    expect(removed.code, removed.stderr).toBe(0);
    expect(await service()).toBe('none');
    await until(
      'nothing is left',
      () => !existsSync(join(wine.c, 'Program Files', 'Kanade')) && !existsSync(join(wine.c, 'ProgramData', 'Kanade')),
    );
    expect(await registry(AGENT_KEY)).toEqual({});
  },
  300_000,
);
