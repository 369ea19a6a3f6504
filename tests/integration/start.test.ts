import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processStart } from '#core/process/process-start.ts';
import { tempDir } from '#tests/support/temp.ts';

const program = join(import.meta.dirname, '../../backend/start.ts');

/** `npm start` without the launcher, once it says that it runs. */
async function start(
  dataDir: string,
  ...more: string[]
): Promise<{ child: ChildProcess; said: string; url: string; stopped(): Promise<string> }> {
  const ports = ['--listen', '127.0.0.1:0', '--broker-listen', '127.0.0.1:0'];
  const env = { ...process.env, KANADE_PC_ID: 'first-pc' };
  const child = fork(program, ['--data-dir', dataDir, ...ports, ...more], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let said = '';
  const { promise: running, resolve, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('Ctrl-C stops all of it.')) resolve();
    });
  }
  child.once('exit', () => reject(new Error(`it did not start: ${said}`)));
  await running;
  const stopped = async () => {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return said;
  };
  return { child, said, url: /API +(\S+)\/api\/v1/.exec(said)![1]!, stopped };
}

async function executions(url: string, dataDir: string): Promise<unknown[]> {
  const token = (await readFile(join(dataDir, 'admin.token'), 'utf8')).trim();
  const response = await fetch(`${url}/api/v1/executions`, { headers: { authorization: `Bearer ${token}` } });
  return ((await response.json()) as { items: unknown[] }).items;
}

async function brokerPid(dataDir: string): Promise<number> {
  return JSON.parse(await readFile(join(dataDir, 'broker', 'running.json'), 'utf8')).broker.pid;
}

test('a first script comes back, Ctrl-C stops all of it, and a second start finds everything as it was', async () => {
  await using temp = await tempDir();
  const first = await start(temp.path);
  expect(first.said).toContain('FIRST-PC ran');
  expect(first.said).toContain('it succeeded');
  expect(await executions(first.url, temp.path)).toHaveLength(1);
  const broker = await brokerPid(temp.path);
  first.child.kill('SIGINT');
  expect(await first.stopped()).not.toContain('the hard way');
  expect(first.child.exitCode).toBe(0);
  expect(await processStart(broker)).toBeUndefined();

  const token = await readFile(join(temp.path, 'admin.token'), 'utf8');
  const second = await start(temp.path);
  expect(await readFile(join(temp.path, 'admin.token'), 'utf8')).toBe(token);
  expect(await executions(second.url, temp.path)).toHaveLength(2);
  second.child.kill('SIGINT');
  await second.stopped();

  await rm(join(temp.path, 'admin.token'));
  const third = await start(temp.path, '--new-admin-token');
  expect(third.said).toContain('it succeeded');
  expect(await readFile(join(temp.path, 'admin.token'), 'utf8')).not.toBe(token);
  expect(await executions(third.url, temp.path)).toHaveLength(3);
  third.child.kill('SIGINT');
  await third.stopped();
});

test('nothing is left when what ran it is gone', async () => {
  await using temp = await tempDir();
  const { child, stopped, url } = await start(temp.path);
  const broker = await brokerPid(temp.path);
  // What a SIGKILL of the launcher shows as.
  child.disconnect();
  await stopped();
  expect(await processStart(broker)).toBeUndefined();
  await expect(fetch(`${url}/healthz`)).rejects.toThrow();
});

test('open mode is asked for by name, and said wherever somebody looks', async () => {
  await using temp = await tempDir();
  const { child, said, stopped, url } = await start(temp.path, '--open');
  expect(said).toContain('OPEN MODE (--open)');
  expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ ok: true, open: true });
  for (const part of ['backend', 'agent']) {
    const lines = (await readFile(join(temp.path, part, 'output.log'), 'utf8')).trim().split('\n');
    expect(lines.filter((line) => JSON.parse(line).open !== true)).toEqual([]);
  }
  child.kill('SIGINT');
  await stopped();
});
