import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cp, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { parseCreds } from '@nats-io/jwt';
import { expect, onTestFinished, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import { connectNats } from '#core/nats/connection.ts';
import type { AgentProcessOptions } from '#tests/support/agent-process.ts';
import { TestBackend, TestKanade } from '#tests/support/kanade.ts';
import { startProcess, type TestProcess } from '#tests/support/processes.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports = await Promise.all(
    servers.map((server) => once(server, 'listening').then(() => (server.address() as { port: number }).port)),
  );
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** What the docs say is to be copied. */
async function documentedCopies(): Promise<string[]> {
  const docs = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const section = docs.slice(docs.indexOf('## Backup and restore'), docs.indexOf('## Upgrade order'));
  return [...section.matchAll(/^\| `([a-z.]+)\/?` \|/gm)].map(([, name]) => name!);
}

test('what the docs say to copy is enough: restored into another folder, a PC goes on', async () => {
  await using temp = await tempDir();
  const [api, nats] = await freePorts(2);
  const flags = ['--listen', `127.0.0.1:${api}`, '--broker-listen', `127.0.0.1:${nats}`, '--pc-id', 'server'];
  const start = async (name: string) => {
    const dataDir = join(temp.path, name);
    const child: ChildProcess = fork(join(import.meta.dirname, '../../backend/start.ts'), ['--data-dir', dataDir, ...flags], {
      silent: true,
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let said = '';
    for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
    await until(
      `${name} runs`,
      () => said.includes('Ctrl-C stops all of it.') || (child.exitCode !== null && Promise.reject(new Error(said))),
    );
    const token = (await readFile(join(dataDir, 'admin.token'), 'utf8')).trim();
    const stop = async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    };
    // Of the process only its end is asked for.
    return { backend: new TestBackend({ stop } as TestProcess, `http://127.0.0.1:${api}`, token, dataDir), stop };
  };
  const first = await start('first');
  const token = await first.backend.enrolmentToken();
  const about: AgentProcessOptions = { pcId: 'PC1', dataDir: join(temp.path, 'pc'), identity: { server: first.backend.url, token } };
  await using agent = startProcess('tests/support/agent-process.ts', [JSON.stringify(about)]);
  await agent.ready;
  await first.backend.agentReady('pc1');
  const before = await first.backend.submit({ script: 'true', target: { pcs: ['pc1'] } });
  await first.backend.inState(before, 'pc1', 'succeeded');
  await first.stop();

  const copies = await documentedCopies();
  expect(copies).toContain('identity');
  for (const name of copies) {
    // Without TLS there is none.
    if (name !== 'tls') await cp(join(temp.path, 'first', name), join(temp.path, 'second', name), { recursive: true });
  }
  const second = await start('second');
  await second.backend.agentReady('pc1');
  const after = await second.backend.submit({ script: 'echo restored', target: { pcs: ['pc1'] } });
  await second.backend.inState(after, 'pc1', 'succeeded');
  expect(await second.backend.target(before, 'pc1')).toMatchObject({ state: 'succeeded' });
  await agent.stop();
  await second.stop();
});

test('by the credentials for a backup streams are read whole and nothing is changed, by those for a restore missing ones are put back; for an hour', async () => {
  await using kanade = await TestKanade.start({ identities: true });
  const stop = new AbortController();
  using _ = { [Symbol.dispose]: () => stop.abort() };
  const connected = async (what: 'backup' | 'restore') => {
    const file = join(kanade.dir, `${what}.creds`);
    await using writing = startProcess('backend/main.ts', ['--data-dir', kanade.backend.dataDir, `--write-${what}-creds`, file]);
    expect(await writing.exited).toBe(0);
    const { jwt, key, uc } = await parseCreds(await readFile(file));
    expect(uc.exp! - uc.iat).toBe(3600);
    return connectNats({
      servers: kanade.broker.url,
      name: `a ${what}`,
      authenticator: () => ({ jwt, seed: new TextEncoder().encode(key) }),
      signal: stop.signal,
      random: Math.random,
      mono: () => performance.now(),
      wall: Date.now,
      log: quietLog,
    });
  };
  await using nats = await connected('backup');
  const ask = async (what: string, body: object = {}, by = nats) =>
    JSON.parse(Buffer.from((await by.request(`$JS.API.${what}`, encode(body), { timeout: 5000 })).data).toString());
  expect((await ask('STREAM.LIST')).streams.length).toBeGreaterThan(10);

  const whole = Promise.withResolvers<void>();
  const chunks: Uint8Array[] = [];
  const inbox = nats.inbox();
  nats.subscribe(inbox, ({ data, reply }) => {
    if (data.length === 0) return whole.resolve();
    chunks.push(data);
    if (reply) nats.publish(reply, new Uint8Array());
  });
  const { config, state } = await ask('STREAM.SNAPSHOT.KV_jobs', { deliver_subject: inbox, no_consumers: true });
  expect(config.name).toBe('KV_jobs');
  await whole.promise;
  expect(Buffer.concat(chunks).length).toBeGreaterThan(100);

  const changing = ['STREAM.PURGE.KV_agents', 'STREAM.DELETE.KV_agents', 'STREAM.CREATE.mine', 'STREAM.MSG.GET.KV_agents'];
  // A stream that is put back brings a configuration along, by which the broker publishes anywhere.
  for (const forbidden of [...changing, 'STREAM.RESTORE.mine']) await expect(ask(forbidden)).rejects.toThrow();
  await expect(nats.publishStored('$KV.agents.PC1', encode({}), { timeout: 5000 })).rejects.toMatchObject({ code: 'forbidden' });

  await using restoring = await connected('restore');
  for (const forbidden of [...changing, 'STREAM.SNAPSHOT.KV_jobs']) await expect(ask(forbidden, {}, restoring)).rejects.toThrow();
  const mine = { ...config, name: 'KV_put_back', subjects: ['$KV.put_back.>'] };
  const { deliver_subject: to, error } = await ask('STREAM.RESTORE.KV_put_back', { config: mine, state }, restoring);
  expect(error).toBeUndefined();
  for (const chunk of chunks) await restoring.request(to, chunk, { timeout: 5000 });
  await restoring.request(to, new Uint8Array(), { timeout: 5000 });
  expect((await ask('STREAM.INFO.KV_put_back', {}, restoring)).config.name).toBe('KV_put_back');
});
