import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect } from 'nats';
import { expect, test } from 'vitest';
import { type Broker, startBroker } from '#backend/broker/broker.ts';
import { brokerConfig } from '#backend/broker/broker-config.ts';
import { spawnBroker } from '#backend/broker/broker-process.ts';
import { recordStart } from '#backend/broker/broker-record.ts';
import { findNatsServer } from '#backend/broker/find-nats-server.ts';
import { readServerInfo } from '#backend/broker/server-info.ts';
import { processStart } from '#core/process/process-start.ts';
import { tempDir } from '#tests/support/temp.ts';

const { path: binary } = await findNatsServer();
const signal = AbortSignal.timeout(110_000);

async function start(dataDir: string, port = 0, log: (line: string) => void = () => {}): Promise<Broker> {
  return startBroker({ binary, dataDir, listen: { host: '127.0.0.1', port }, signal, log });
}

/** A broker started by another process, which then is killed. */
async function leaveBehind(dataDir: string, killStarter = true) {
  const starter = fork(join(import.meta.dirname, '../support/broker-start.ts'), [dataDir, '0'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ url, pid }] = (await once(starter, 'message')) as [{ url: string; pid: number }];
  if (killStarter) {
    starter.kill('SIGKILL');
    await once(starter, 'exit');
  }
  return { port: Number(new URL(url).port), pid, starter };
}

test('what was stored is there at the next start, and nothing runs in between', async () => {
  await using temp = await tempDir();
  const first = await start(temp.path);
  const nc = await connect({ servers: first.url });
  await (await nc.jetstreamManager()).streams.add({ name: 'S', subjects: ['s'] });
  await nc.jetstream().publish('s', 'kept');
  await nc.close();
  await first[Symbol.asyncDispose]();
  expect(await processStart(first.pid)).toBeUndefined();
  await using second = await start(temp.path, first.port);
  expect(second.port).toBe(first.port);
  const again = await connect({ servers: second.url });
  expect((await (await again.jetstreamManager()).streams.info('S')).state.messages).toBe(1);
  await again.close();
});

test('every write is on the disk before it is acknowledged, and it listens on loopback', async () => {
  await using temp = await tempDir();
  await using broker = await start(temp.path);
  const config = await readFile(join(temp.path, 'broker', 'nats-server.conf'), 'utf8');
  expect(config).toContain('sync_interval: "always"');
  expect(config).toContain('host: "127.0.0.1"');
  expect(broker.url).toBe(`nats://127.0.0.1:${broker.port}`);
});

test('a broker left over from a killed start is ended by the next one', async () => {
  await using temp = await tempDir();
  const left = await leaveBehind(temp.path);
  expect(await processStart(left.pid)).toBeDefined();
  const said: string[] = [];
  await using broker = await start(temp.path, left.port, (line) => said.push(line));
  expect(await processStart(left.pid)).toBeUndefined();
  expect(broker.pid).not.toBe(left.pid);
  expect(said.join()).toContain(String(left.pid));
});

test('a broker that its start still looks after is left alone', async () => {
  await using temp = await tempDir();
  const { pid, starter } = await leaveBehind(temp.path, false);
  await expect(start(temp.path)).rejects.toMatchObject({ code: 'folder_in_use' });
  expect(await processStart(pid)).toBeDefined();
  starter.kill('SIGKILL');
  await once(starter, 'exit');
  await (await start(temp.path))[Symbol.asyncDispose]();
});

test('of two starts at once over one folder, one has it and the other is told so', async () => {
  await using temp = await tempDir();
  const starts = await Promise.allSettled([start(temp.path), start(temp.path)]);
  const refused = starts.filter((one) => one.status === 'rejected').map((one) => one.reason as { code: string });
  const brokers = starts.filter((one) => one.status === 'fulfilled').map((one) => one.value);
  for (const broker of brokers) await broker[Symbol.asyncDispose]();
  expect(refused).toMatchObject([{ code: 'folder_in_use' }]);
  expect(brokers).toHaveLength(1);
});

test('a broker whose start was killed before it noted the pid is found and ended by the next one', async () => {
  await using temp = await tempDir();
  const first = await start(temp.path);
  await first[Symbol.asyncDispose]();
  const folder = join(temp.path, 'broker');
  const own = { host: '127.0.0.1', port: -1, portsDir: join(folder, 'ports'), logFile: join(folder, 'log') };
  const configFile = join(folder, 'nats-server.conf');
  await writeFile(configFile, brokerConfig({ ...own, serverName: 'left', storeDir: join(folder, 'store'), syncInterval: 'always' }));
  const left = await spawnBroker({ ...own, binary, configFile, serverName: 'left', signal, onSpawn: () => recordStart(folder) });
  await using broker = await start(temp.path);
  expect(await processStart(left.pid)).toBeUndefined();
  expect(broker.pid).not.toBe(left.pid);
});

test('a foreign listener on the port is one clear error', async () => {
  await using temp = await tempDir();
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const refused = (await start(temp.path, port).catch((error: unknown) => error)) as Error & { code: string };
  server.close();
  expect(refused.code).toBe('port_in_use');
  expect(refused.message).toContain('KANADE_BROKER_LISTEN');
  if (process.platform === 'linux') expect(refused.message).toContain(`pid ${process.pid}`);
});

test('a server that reports another name than the one it was given is not ready', async () => {
  await using temp = await tempDir();
  const own = { host: '127.0.0.1', port: -1, portsDir: temp.path, logFile: join(temp.path, 'log') };
  const configFile = join(temp.path, 'conf');
  await writeFile(configFile, brokerConfig({ ...own, serverName: 'somebody-else', storeDir: temp.path, syncInterval: 'always' }));
  let pid = 0;
  const onSpawn = async (given: number) => {
    pid = given;
  };
  const starting = spawnBroker({ ...own, binary, configFile, serverName: 'mine', signal, onSpawn, readyWithin: 1000 });
  await expect(starting).rejects.toMatchObject({ code: 'broker_failed' });
  expect(await processStart(pid)).toBeUndefined();
});

test('a configuration it does not take is told in its own words', async () => {
  await using temp = await tempDir();
  const own = { host: '127.0.0.1', port: -1, portsDir: temp.path, logFile: join(temp.path, 'log') };
  const configFile = join(temp.path, 'conf');
  await writeFile(configFile, 'jetstream { no_such_option: 1 }');
  await expect(spawnBroker({ ...own, binary, configFile, serverName: 'mine', signal })).rejects.toThrow(/no_such_option/);
});

test('a broker that dies is started again on the same port', async () => {
  await using temp = await tempDir();
  const restarted = Promise.withResolvers<void>();
  await using broker = await start(temp.path, 0, () => restarted.resolve());
  const { pid, port } = broker;
  process.kill(pid, 'SIGKILL');
  await restarted.promise;
  const nc = await connect({ servers: broker.url, maxReconnectAttempts: -1, reconnectTimeWait: 50, waitOnFirstConnect: true });
  await nc.flush();
  await nc.close();
  expect((await readServerInfo('127.0.0.1', port, signal)).server_name).toMatch(/^kanade-/);
  expect(broker.port).toBe(port);
  await expect.poll(() => broker.pid).not.toBe(pid);
});

test('stopping while it is being restarted leaves nothing', async () => {
  await using temp = await tempDir();
  const died = Promise.withResolvers<void>();
  const broker = await start(temp.path, 0, () => died.resolve());
  process.kill(broker.pid, 'SIGKILL');
  await died.promise;
  await broker[Symbol.asyncDispose]();
  expect(await processStart(broker.pid)).toBeUndefined();
  await expect(readServerInfo('127.0.0.1', broker.port, signal)).rejects.toThrow();
});
