import { beforeAll, expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import { subjects } from '#core/contract/subjects.ts';
import { checkShape } from '#tests/support/api-shape.ts';
import { accessDenied, inventory, inventoryRead, osOf, softwareOf } from '#tests/support/inventory.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { enrolOff } from '#tests/support/registry.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();
const PCS = ['PC1', 'PC2', 'PC3', 'PC4', 'LEFT'];
const chrome = (version: string) => ({ name: 'Google Chrome', version, architecture: 'x64', user: null, install_date: '2026-01-01' });

beforeAll(async () => {
  await enrolOff(nats, PCS, kanade.backend);
  for (const [n, pc] of PCS.entries()) {
    await inventory(nats, pc, 'os', osOf(n));
    await inventory(nats, pc, 'software', [...softwareOf(n, 30), ...(n < 3 ? [chrome(`${118 + n}.0`)] : [])]);
    await inventory(nats, pc, 'network', [{ name: 'Ethernet', ip_addresses: [`10.0.0.${n}`, `fe80::${n}`] }]);
  }
  await inventory(nats, 'PC4', 'tpm', null, { faults: [accessDenied] });
  await inventory(nats, 'PC1', 'tpm', { present: true });
  await inventory(nats, 'PC1', 'licences', [{ name: 'CAD', seats: 3 }], { job_id: 'licences' });
  await inventoryRead(nats, kanade.backend);
  await kanade.backend.call('PUT', '/agents/PC2/groups', { groups: ['Lab'] });
  await kanade.backend.call('DELETE', '/agents/LEFT');
});

const get = async (path: string) => {
  const body = await kanade.backend.get(path);
  checkShape('GET', `/api/v1${path}`, body);
  return body;
};
const search = async (query: string) => (await get(`/inventory/search?${query}`)).items.map(({ pc_id }: Json) => pc_id);

test('PCs are found by what they have, and the rows that made it so are shown', async () => {
  const { items, next } = await get('/inventory/search?software.name=google%20chrome&software.version<120');
  expect(next).toBe(null);
  expect(items).toEqual([
    { pc_id: 'PC1', online: false, matches: [{ section: 'software', row: chrome('118.0') }] },
    { pc_id: 'PC2', online: false, matches: [{ section: 'software', row: chrome('119.0') }] },
  ]);
  expect(await search(`${encodeURIComponent('software.name')}=Google+Chrome&${encodeURIComponent('software.version>=120')}`)).toEqual([
    'PC3',
  ]);
  expect(await search('network.ip_addresses=10.0.0.2')).toEqual(['PC3']);
  expect(await search('tpm.present=true&os.build>1')).toEqual(['PC1']);
  expect(await search('licences.seats>2')).toEqual(['PC1']);
});

test('and by what they have not, where that could be read', async () => {
  expect(await search('!software.name=Google%20Chrome')).toEqual(['PC4']);
  expect(await search('!software.name=Google%20Chrome&!software.version>=119')).toEqual(['PC1', 'PC4']);
  expect(await search('!tpm.present=true')).toEqual([]);
});

test('only among the PCs of a group, those that are online or not, and none that is retired', async () => {
  expect(await search('os.build>1')).toEqual(['PC1', 'PC2', 'PC3', 'PC4']);
  expect(await search('os.build>1&group=lab')).toEqual(['PC2']);
  nats.publish(subjects.heartbeat('PC3'), encode({ pc_id: 'PC3', at: new Date().toISOString() }));
  await until('it is online', async () => (await get('/agents/PC3')).online);
  expect(await search('os.build>1&online=true')).toEqual(['PC3']);
  expect(await search('os.build>1&online=false')).toEqual(['PC1', 'PC2', 'PC4']);
});

test('the pages of a search are one after the other, and belong to it', async () => {
  const first = await get('/inventory/search?os.build>1&limit=3');
  expect(first.items.map(({ pc_id }: Json) => pc_id)).toEqual(['PC1', 'PC2', 'PC3']);
  const second = await get(`/inventory/search?os.build>1&limit=3&cursor=${first.next}`);
  expect(second).toMatchObject({ items: [{ pc_id: 'PC4' }], next: null });
  expect(await kanade.backend.call('GET', `/inventory/search?os.build>2&cursor=${first.next}`)).toMatchObject({
    status: 422,
    body: { code: 'invalid_cursor' },
  });
});

test('at most twenty rows of a PC are shown', async () => {
  const { items } = await get('/inventory/search?software.name=*');
  expect(items.map(({ matches }: Json) => matches.length)).toEqual([20, 20, 20, 20]);
});

test('the rows of a section are listed across the fleet, chosen by conditions on it, the PCs by others', async () => {
  const { items } = await get('/inventory/software?software.name=Google%20Chrome');
  expect(items).toEqual([118, 119, 120].map((version, n) => ({ pc_id: `PC${n + 1}`, row: chrome(`${version}.0`) })));
  const paged: Json[] = [];
  for (let cursor = ''; ; ) {
    const page = await get(`/inventory/software?limit=50${cursor}`);
    paged.push(...page.items);
    if (page.next === null) break;
    cursor = `&cursor=${page.next}`;
  }
  expect(paged).toHaveLength(4 * 30 + 3);
  expect(paged.slice(31, 61).map(({ row }) => row)).toEqual(softwareOf(1, 30));
  expect((await get('/inventory/os?software.name=Google%20Chrome&!software.version>118')).items).toEqual([{ pc_id: 'PC1', row: osOf(0) }]);
  expect((await get('/inventory/os?!software.name=Google%20Chrome')).items).toEqual([{ pc_id: 'PC4', row: osOf(3) }]);
  expect((await get('/inventory/tpm')).items).toEqual([{ pc_id: 'PC1', row: { present: true } }]);
  expect((await get('/inventory/tpm?group=lab')).items).toEqual([]);
  expect((await get('/inventory/unheard_of')).items).toEqual([]);
});

test('what could not be read is listed across the fleet, also where older data is left', async () => {
  await inventory(nats, 'PC2', 'os', null, { faults: [accessDenied] });
  await inventory(nats, 'LEFT', 'os', null, { faults: [accessDenied] });
  await inventory(nats, 'PC1', 'tpm', null, { faults: [accessDenied] });
  await inventory(nats, 'PC1', 'tpm', { present: true });
  await inventoryRead(nats, kanade.backend);
  const { items, next } = await get('/inventory-faults');
  expect(next).toBe(null);
  expect(items.map(({ pc_id, section, faults }: Json) => [pc_id, section, faults])).toEqual([
    ['PC2', 'os', [accessDenied]],
    ['PC4', 'tpm', [accessDenied]],
  ]);
  expect(items[0].collected_at).not.toBe(null);
  expect(items[1].collected_at).toBe(null);
  const first = await get('/inventory-faults?limit=1');
  expect(first.items).toEqual([items[0]]);
  expect(await get(`/inventory-faults?limit=1&cursor=${first.next}`)).toEqual({ items: [items[1]], next: null });
  expect((await get('/inventory-faults?group=lab')).items).toEqual([items[0]]);
});

test('what can be searched is told', async () => {
  const { items } = await get('/inventory/sections');
  expect(items.map(({ section, custom, pcs }: Json) => [section, custom, pcs])).toEqual([
    ['licences', true, 1],
    ['network', false, 4],
    ['os', false, 4],
    ['software', false, 4],
    ['tpm', false, 2],
  ]);
  expect(items[0].fields).toEqual(['name', 'seats']);
  expect(items[3].fields).toContain('install_date');
});

test.each([
  '/inventory/search?os.build>1&',
  '/inventory/tpm?',
  '/inventory-faults?',
])('a group that there is not is refused by its name: %s', async (route) => {
  const { status, body } = await kanade.backend.call('GET', `${route}group=misspelt`);
  expect([status, body.code, body.detail]).toEqual([404, 'not_found', 'there is no group misspelt']);
});

test.each([
  ['software.name', '/software.name'],
  ['software=1', '/software'],
  ['os.build>1&os.x', '/os.x'],
  ['os.build>1&limit=0', '/limit'],
  ['os.build>1&unknown=1', '/unknown'],
  ['Os.Build=1', '/Os.Build=1'],
  ['', ''],
  ['group=lab', ''],
])('a search for %j is refused, and says what is wrong', async (query, pointer) => {
  const { status, body } = await kanade.backend.call('GET', `/inventory/search?${query}`);
  expect([status, body.code, body.errors[0].pointer]).toEqual([422, 'invalid_query', pointer]);
});

test('a value that a field can never have is refused, with the field, what it is and the value', async () => {
  const { status, body } = await kanade.backend.call('GET', '/inventory/search?os.build=eleven&software.name=x');
  expect([status, body.code]).toEqual([422, 'condition_type']);
  expect(body.errors).toEqual([
    {
      pointer: '/os.build=eleven',
      message: expect.stringMatching(/os\.build is a number.*"eleven"/),
      code: 'condition_type',
      value: 'eleven',
    },
  ]);
  expect(await kanade.backend.call('PUT', '/groups/odd', { query: ['tpm.present>1'] })).toMatchObject({
    status: 422,
    body: { code: 'condition_type', errors: [{ pointer: '/query/0' }] },
  });
  expect((await kanade.backend.call('GET', '/inventory/search?os.build=eleven&software.name')).body.code).toBe('invalid_query');
});

test('conditions are for routes that take them', async () => {
  expect(await kanade.backend.call('GET', '/agents?os.build=1')).toMatchObject({ status: 422, body: { code: 'invalid_query' } });
});
