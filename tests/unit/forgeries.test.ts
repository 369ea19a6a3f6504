import { beforeEach, expect, test } from 'vitest';
import { Forgeries, type Forgery } from '#backend/seal/forgeries.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { SEAL_HEADERS } from '#core/contract/seal.ts';

let now = 0;
let said: Forgery[] = [];
let away = false;
const known = new Set<string>();
const say = async (forgery: Forgery) => {
  if (away) throw new Error('no connection');
  said.push(forgery);
};
const unsigned = new KanadeError('unsigned', 'nobody has signed it');
const unknown = new KanadeError('unknown_key', 'nobody knows it');
const message = (subject: string, key?: string) => ({
  subject,
  data: new Uint8Array(),
  header: (name: string) => (name === SEAL_HEADERS.key ? key : undefined),
});

let forgeries: Forgeries;
beforeEach(() => {
  now = 0;
  said = [];
  away = false;
  known.clear();
  forgeries = new Forgeries({ say, isKnown: (id) => known.has(id), mono: () => now });
});

test('each is counted by why and where, and said once a minute', async () => {
  for (let n = 0; n < 3; n++) {
    forgeries.met(message('$KV.jobs.a'), unsigned);
    await forgeries.look();
  }
  forgeries.met(message('executions.submitted.x'), unsigned);
  forgeries.met(message('$KV.made_up_by_him.a'), unsigned);
  await forgeries.look();
  expect([...forgeries.counts()]).toEqual([
    { code: 'unsigned', bucket: 'jobs', count: 3 },
    { code: 'unsigned', bucket: 'EXECUTIONS', count: 1 },
    { code: 'unsigned', bucket: 'other', count: 1 },
  ]);
  expect(said.map(({ subject }) => subject)).toEqual(['$KV.jobs.a', 'executions.submitted.x', '$KV.made_up_by_him.a']);
  now = 60_000;
  await forgeries.look();
  forgeries.met(message('$KV.jobs.a'), unsigned);
  await forgeries.look();
  expect(said).toHaveLength(4);
});

test('a million of them are twenty events a minute, and are not kept', async () => {
  for (let n = 0; n < 100_000; n++) forgeries.met(message(`$KV.jobs.${n}`), unsigned);
  await forgeries.look();
  expect(said).toHaveLength(20);
  for (let minute = 1; minute < 20; minute++) {
    now = minute * 60_000;
    await forgeries.look();
  }
  expect(said).toHaveLength(200);
  expect([...forgeries.counts()]).toEqual([{ code: 'unsigned', bucket: 'jobs', count: 100_000 }]);
});

test('by a key that another backend has just made it is none, once we have heard of the key', async () => {
  forgeries.met(message('$KV.jobs.a', 'new'), unknown);
  forgeries.met(message('$KV.jobs.b', 'foreign'), unknown);
  await forgeries.look();
  known.add('new');
  now = 36_000;
  await forgeries.look();
  expect(said).toEqual([{ subject: '$KV.jobs.b', code: 'unknown_key', detail: 'nobody knows it' }]);
});

test('one that cannot be stored now is said when it can', async () => {
  away = true;
  forgeries.met(message('$KV.jobs.a'), unsigned);
  await forgeries.look();
  away = false;
  await forgeries.look();
  expect(said).toHaveLength(1);
});
