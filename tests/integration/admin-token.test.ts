import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { provision } from '#backend/broker/provision.ts';
import { ensureAdminToken, renewAdminToken } from '#backend/http/admin-token.ts';
import { Tokens } from '#backend/http/tokens.ts';
import { AuditEntry } from '#core/contract/audit.ts';
import { decode } from '#core/contract/codec.ts';
import { subjects } from '#core/contract/subjects.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { kvDelete } from '#core/nats/kv.ts';
import { startTestBroker } from '#tests/support/broker.ts';
import { testConnection } from '#tests/support/projection.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

async function bench() {
  const stop = new AbortController();
  const broker = await startTestBroker();
  const nats = await testConnection(broker.url, stop.signal);
  await provision(nats, { signal: stop.signal, log: quietLog });
  const temp = await tempDir();
  const warned: string[] = [];
  const log = { ...quietLog, warn: (_: object, text: string) => void warned.push(text) };
  const parts = (name: string) => ({ nats, dataDir: join(temp.path, name), clock: Date.now, newId: randomUUID, log });
  return {
    nats,
    warned,
    signal: stop.signal,
    folder: (name: string) => join(temp.path, name),
    ensure: (name: string) => ensureAdminToken(parts(name)),
    renew: (name: string) => renewAdminToken(parts(name)),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await nats.close();
      await broker[Symbol.asyncDispose]();
      await temp[Symbol.asyncDispose]();
    },
  };
}

const read = (folder: string) => readFile(join(folder, 'admin.token'), 'utf8');

test('the first start writes the token for its owner, the next keeps it, and the broker never has the clear text', async () => {
  await using b = await bench();
  expect(await b.ensure('one')).toBe(join(b.folder('one'), 'admin.token'));
  const text = await read(b.folder('one'));
  if (process.platform !== 'win32') expect((await stat(join(b.folder('one'), 'admin.token'))).mode & 0o777).toBe(0o600);
  const stored = Buffer.from((await kvGet(b.nats, 'accounts', 'token.admin'))!.value).toString();
  expect(stored).not.toContain(text.trim().slice('kan_admin_'.length));
  expect(await b.ensure('one')).toBe(join(b.folder('one'), 'admin.token'));
  expect(await read(b.folder('one'))).toBe(text);
  expect(await readdir(b.folder('one'))).toEqual(['admin.token']);
});

test('of several backends that start at once one makes the token and the others leave none behind', async () => {
  await using b = await bench();
  const names = ['one', 'two', 'three', 'four'];
  const made = (await Promise.all(names.map(b.ensure))).filter((path) => path !== undefined);
  expect(made).toHaveLength(1);
  const left = await Promise.all(names.map((name) => readdir(b.folder(name)).catch(() => [])));
  expect(left.flat()).toEqual(['admin.token']);
});

test('a start that was cut short before the broker knew the token is finished by the next one', async () => {
  await using b = await bench();
  await b.ensure('one');
  const text = await read(b.folder('one'));
  await kvDelete(b.nats, 'accounts', 'token.admin');
  await b.ensure('one');
  expect(await read(b.folder('one'))).toBe(text);
  const tokens = new Tokens({ nats: b.nats, log: quietLog });
  await tokens.start(b.signal);
  expect(tokens.find(text.trim())).toMatchObject({ id: 'admin', role: 'admin' });
});

test('a file that belongs to another broker is left alone', async () => {
  await using b = await bench();
  await b.ensure('one');
  const other = `kan_admin_${'A'.repeat(43)}\n`;
  await mkdir(b.folder('two'));
  await writeFile(join(b.folder('two'), 'admin.token'), other);
  expect(await b.ensure('two')).toBeUndefined();
  expect(await read(b.folder('two'))).toBe(other);
});

test('who has lost the token is told so once, and a new one takes the place of the old one in file, broker and audit', async () => {
  await using b = await bench();
  await b.ensure('one');
  const old = (await read(b.folder('one'))).trim();
  await rm(join(b.folder('one'), 'admin.token'));
  expect(await b.ensure('one')).toBeUndefined();
  expect(b.warned).toEqual([expect.stringMatching(/file is missing.*--new-admin-token/)]);

  const tokens = new Tokens({ nats: b.nats, log: quietLog });
  await tokens.start(b.signal);
  await b.renew('one');
  const fresh = (await read(b.folder('one'))).trim();
  if (process.platform !== 'win32') expect((await stat(join(b.folder('one'), 'admin.token'))).mode & 0o777).toBe(0o600);
  await until('the new token is known', () => tokens.find(fresh));
  expect(tokens.find(old)).toBeUndefined();
  expect(await b.ensure('one')).toBe(join(b.folder('one'), 'admin.token'));
  const { data } = (await lastMessage(b.nats, 'AUDIT', subjects.audit('system', 'admin_token_renew')))!;
  expect(decode(AuditEntry, data)).toMatchObject({ target: 'tokens/admin', result: 'ok' });
});

test('a token is known as soon as it is stored and forgotten as soon as it is deleted', async () => {
  await using b = await bench();
  const tokens = new Tokens({ nats: b.nats, log: quietLog });
  expect(tokens.ready).toBe(false);
  await tokens.start(b.signal);
  expect(tokens.ready).toBe(true);
  await b.ensure('one');
  const text = (await read(b.folder('one'))).trim();
  await until('the token is known', () => tokens.find(text));
  expect(tokens.find(`${text.slice(0, -1)}${text.endsWith('A') ? 'B' : 'A'}`)).toBeUndefined();
  expect(tokens.find('kan_admin_short')).toBeUndefined();
  await kvDelete(b.nats, 'accounts', 'token.admin');
  await until('the token is forgotten', () => tokens.find(text) === undefined);
});
