import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import { subjects } from '#core/contract/subjects.ts';
import { allAnswers, caughtUp } from '#tests/support/api-answers.ts';
import { checkShape } from '#tests/support/api-shape.ts';
import { accessDenied, inventory, inventoryOf, inventoryRead, osOf, softwareOf } from '#tests/support/inventory.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { raw } from '#tests/support/projection.ts';
import { enrolOff } from '#tests/support/registry.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();
const get = async (path: string) => {
  const body = await kanade.backend.get(path);
  checkShape('GET', `/api/v1${path}`, body);
  return body;
};
const refused = async (path: string) => {
  const { status, body } = await kanade.backend.call('GET', path);
  return [status, body.code, ...(body.errors ?? []).map((error: Json) => error.pointer)];
};

beforeAll(() => enrolOff(nats, ['PC1', 'PC2', 'PC3', 'QUIET'], kanade.backend));

test('what a PC said of itself is told section by section, whole and as it was said', async () => {
  const software = softwareOf(1, 1200);
  await inventory(nats, 'PC1', 'os', osOf(1), { collected_at: '2026-11-21T10:00:00Z' });
  await inventory(nats, 'PC1', 'software', software, { collected_at: '2026-11-21T11:00:00Z' });
  await inventory(nats, 'PC1', 'licences', [{ name: 'CAD', seats: 3 }], {
    collected_at: '2026-11-21T09:00:00Z',
    job_id: 'licences',
    exec_id: 'abc',
  });
  await inventory(nats, 'PC1', 'tpm', null, { collected_at: '2026-11-21T12:00:00Z', faults: [accessDenied] });
  await inventoryRead(nats, kanade.backend);

  const all = await get('/agents/pc1/inventory');
  expect(all).toMatchObject({ pc_id: 'PC1', collected_at: '2026-11-21T11:00:00Z' });
  expect(all.sections.map(({ section }: Json) => section)).toEqual(['licences', 'os', 'software', 'tpm']);
  const [licences, os, installed, tpm] = all.sections;
  expect(licences).toMatchObject({ custom: true, rows: 1, job_id: 'licences', exec_id: 'abc', data: [{ name: 'CAD', seats: 3 }] });
  expect(os).toMatchObject({ custom: false, rows: null, data: osOf(1), job_id: null, faults: [] });
  expect(JSON.stringify(installed.data)).toBe(JSON.stringify(software));
  expect(installed.rows).toBe(1200);
  expect(tpm).toMatchObject({ rows: null, data: null, collected_at: null, checked_at: '2026-11-21T12:00:00Z', faults: [accessDenied] });
  expect((await get('/agents/PC1/inventory?section=os,tpm,bios')).sections).toEqual([os, tpm]);
  expect(await get('/agents/PC1/inventory/licences')).toEqual(licences);
});

test('a PC that has said nothing has an empty inventory; what is not there is not found, what is malformed is named', async () => {
  expect(await get('/agents/QUIET/inventory')).toEqual({ pc_id: 'QUIET', collected_at: null, sections: [] });
  expect(await refused('/agents/QUIET/inventory/os')).toEqual([404, 'not_found']);
  expect(await refused('/agents/NOBODY/inventory')).toEqual([404, 'not_found']);
  expect(await refused('/agents/NOBODY/inventory-changes')).toEqual([404, 'not_found']);
  expect(await refused('/agents/PC1/inventory?section=Os')).toEqual([422, 'invalid_query', '/section']);
  expect(await refused('/agents/PC1/inventory/Os')).toEqual([422, 'invalid_id', '/section']);
});

test('the history tells what came, went and changed, page by page, and a failure to read changes nothing', async () => {
  const rows = softwareOf(2, 50);
  await inventory(nats, 'PC2', 'software', rows);
  await inventory(nats, 'PC2', 'software', null, { faults: [{ ...accessDenied, code: 'timed_out' }] });
  const updated = rows.slice(1).map((row, n) => (n === 0 ? { ...row, version: '200' } : row));
  await inventory(nats, 'PC2', 'software', [...updated, { ...rows[0]!, name: 'New' }]);
  await inventory(nats, 'PC2', 'os', osOf(2));
  await inventory(nats, 'PC2', 'os', { ...osOf(2), build: 30000 });
  await inventoryRead(nats, kanade.backend);

  const { items, next } = await get('/agents/PC2/inventory-changes');
  expect(next).toBe(null);
  const key = (name: unknown) => ({ name, architecture: expect.any(String), user: null });
  expect(items).toMatchObject([
    { section: 'os', change: 'changed', key: null, before: { build: osOf(2).build }, after: { build: 30000 } },
    { section: 'software', change: 'removed', key: key(rows[0]!.name), before: rows[0], after: null },
    { section: 'software', change: 'changed', key: key(rows[1]!.name), before: { version: rows[1]!.version }, after: { version: '200' } },
    { section: 'software', change: 'added', key: key('New'), before: null, after: { name: 'New' } },
  ]);
  const paged: Json[] = [];
  for (let cursor = ''; ; ) {
    const page = await get(`/agents/PC2/inventory-changes?limit=1${cursor}`);
    paged.push(...page.items);
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  expect(paged).toEqual(items);
  expect((await get('/agents/PC2/inventory-changes?section=os,bios')).items).toEqual(items.slice(0, 1));
  expect((await get(`/agents/PC2/inventory-changes?since=${items[0].recorded_at}`)).items[0]).toEqual(items[0]);
  expect((await get('/agents/PC2/inventory-changes?since=2100-01-01T00:00:00Z')).items).toEqual([]);
  expect(await refused('/agents/PC2/inventory-changes?since=today')).toEqual([422, 'invalid_query', '/since']);
  expect(await refused(`/agents/PC1/inventory-changes?cursor=${(await get('/agents/PC2/inventory-changes?limit=1')).next}`)).toEqual([
    422,
    'invalid_cursor',
  ]);
});

test('a message that lies about its PC, or is malformed, is a dead letter and leaves what is known', async () => {
  const before = await get('/agents/PC1/inventory/os');
  const lie = await raw(nats, subjects.inventory('PC1', 'os'), inventoryOf('PC2', 'os', { build: 1 }));
  const junk = await raw(nats, subjects.inventory('PC1', 'os'), encode('junk'));
  const nested = await raw(nats, subjects.inventory('PC1', 'os'), { ...inventoryOf('PC1', 'os', {}), data: { a: { b: 1 } } });
  await inventoryRead(nats, kanade.backend);
  const { items } = await get('/dead-letters?stream=INVENTORY');
  expect(items.map(({ seq, code }: Json) => [seq, code])).toEqual([
    [nested, 'bad_message'],
    [junk, 'bad_message'],
    [lie, 'subject_mismatch'],
  ]);
  expect(items[0].detail).toContain('/data/a');
  expect(await get('/agents/PC1/inventory/os')).toEqual(before);
});

test('the list of PCs tells when the inventory of each was collected, as its heartbeat says', async () => {
  expect(await get('/agents/QUIET')).toMatchObject({ inventory_at: null });
  const at = new Date();
  nats.publish(subjects.heartbeat('QUIET'), encode({ pc_id: 'QUIET', at: at.toISOString(), inventory_at: '2026-11-21T10:00:00Z' }));
  await until('it is told', async () => (await get('/agents/QUIET')).inventory_at === '2026-11-21T10:00:00Z');
});

test('a retired PC stays readable', async () => {
  await inventory(nats, 'PC3', 'os', osOf(3));
  await inventoryRead(nats, kanade.backend);
  expect((await kanade.backend.call('DELETE', '/agents/PC3')).status).toBe(200);
  expect(await get('/agents/PC3/inventory/os')).toMatchObject({ data: osOf(3) });
});

test('a projection that was deleted comes back with the same answers, byte for byte, however often it was said', async () => {
  for (let n = 0; n < 130; n++) await inventory(nats, 'PC1', 'counter', [{ id: n % 3, n }, { id: 'same' }]);
  await inventoryRead(nats, kanade.backend);
  const answers = async () => {
    const all = await allAnswers(kanade.backend);
    const raw: Record<string, string> = {};
    for (const path of ['/agents/PC1/inventory', '/agents/PC1/inventory-changes?limit=500', '/agents/PC2/inventory'])
      raw[path] = JSON.stringify(await get(path));
    return { all, raw };
  };
  const before = await answers();
  expect(JSON.parse(before.raw['/agents/PC1/inventory-changes?limit=500']!).items.length).toBe(99 * 2);
  await kanade.backend.process.kill();
  for (const suffix of ['', '-wal', '-shm']) await rm(join(kanade.backend.dataDir, 'backend', `projection.db${suffix}`), { force: true });
  kanade.backend = await kanade.startBackend();
  await caughtUp(kanade.backend);
  expect(await answers()).toEqual(before);
  const second = await kanade.startBackend('two');
  await caughtUp(second);
  expect(await allAnswers(second)).toEqual(before.all);
  await second.process.stop();
});
