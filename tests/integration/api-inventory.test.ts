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
import { firesOf, putSchedule } from '#tests/support/schedules.ts';
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

test('a job that fills a section of its own says so in every command, whoever sends it', async () => {
  const { backend } = kanade;
  const job = (section: unknown, version = '1') => ({
    id: 'filling',
    version,
    inventory_section: section,
    execute: { shell: 'sh', script: 'echo "{}"', timeout: '1m' },
  });
  expect((await backend.call('PUT', '/jobs/filling', job('licences'))).status).toBe(201);
  expect(await get('/jobs/filling')).toMatchObject({ inventory_section: 'licences' });
  const commandOf = async (execId: string) => (await get(`/executions/${execId}`)).command;
  const target = { pcs: ['QUIET'] };
  const sent = await backend.call('POST', '/executions', { job_id: 'filling', target });
  expect(await commandOf(sent.body.exec_id)).toMatchObject({ id: 'filling', inventory_section: 'licences' });
  const wave = await backend.call('POST', '/executions', { job_id: 'filling', target, rollout: { waves: ['100%'] } });
  expect(await commandOf(wave.body.exec_id)).toMatchObject({ inventory_section: 'licences' });
  await putSchedule(kanade, 'filling', { cron: '0 0 4 1 1 *', target });
  const run = await backend.call('POST', '/schedules/filling/run-now');
  expect(await commandOf(run.body.exec_id)).toMatchObject({ inventory_section: 'licences' });
  await putSchedule(kanade, 'filling', { cron: '* * * * * *', target });
  const [fired] = await until('it has fired', async () => {
    const fires = (await firesOf(kanade, 'filling')).filter(({ exec_id }: Json) => exec_id !== run.body.exec_id);
    return fires.length > 0 && fires;
  });
  await backend.call('DELETE', '/schedules/filling');
  expect(await commandOf(fired.exec_id)).toMatchObject({ inventory_section: 'licences' });
  for (const wrong of ['os', 'software', 'search', 'sections', 'Licences', 'a-b', '', 1, null]) {
    const { status, body } = await backend.call('PUT', '/jobs/filling', job(wrong, '2'));
    expect([status, body.errors[0].pointer], String(wrong)).toEqual([422, '/inventory_section']);
  }
});

/** Answers as the agent of a PC that has collected, and then does what its outbox would; ends with the test. */
async function collecting(pc: string, reply: (request: Json) => object, then?: () => Promise<unknown>): Promise<Disposable> {
  const subscription = nats.subscribe(subjects.control(pc, 'inventory'), (m) => {
    nats.publish(m.reply!, encode(reply(JSON.parse(Buffer.from(m.data).toString()))));
    void nats.flush().then(then);
  });
  await nats.flush();
  return { [Symbol.dispose]: () => subscription.unsubscribe() };
}

test('a PC that is asked to collect has what changed in the projection when it is answered', async () => {
  const asked: Json[] = [];
  const fresh = inventoryOf('PC1', 'os', { ...osOf(1), build: 99 });
  const reply = (request: Json) => {
    asked.push(request);
    return {
      sections: [
        { section: 'os', hash: fresh.hash, changed: true },
        { section: 'tpm', hash: 'whatever', changed: false },
      ],
      pending: ['bios'],
    };
  };
  // The outbox sends behind the answer.
  using _agent = await collecting('PC1', reply, () => raw(nats, subjects.inventory('PC1', 'os'), fresh));
  const { status, body } = await kanade.backend.call('POST', '/agents/pc1/inventory/refresh', { sections: ['os', 'tpm', 'bios'] });
  expect([status, body]).toEqual([
    200,
    {
      pc_id: 'PC1',
      sections: [
        { section: 'os', changed: true },
        { section: 'tpm', changed: false },
      ],
      pending: ['bios'],
    },
  ]);
  checkShape('POST', '/api/v1/agents/pc1/inventory/refresh', body);
  expect(asked).toEqual([{ sections: ['os', 'tpm', 'bios'], known: expect.any(Object), within_ms: 120_000 }]);
  expect(await get('/agents/PC1/inventory/os')).toMatchObject({ data: { build: 99 } });
  const entry = await until('it is in the audit', async () => (await kanade.backend.get('/audit?action=inventory_refresh')).items[0]);
  expect(entry).toMatchObject({ target: 'agents/PC1', result: 'ok', after: { asked: ['os', 'tpm', 'bios'], changed: ['os'] } });
});

test('what a newer message has replaced meanwhile counts as arrived', async () => {
  const at = (seconds: number) => new Date(Date.parse('2026-11-22T10:00:00Z') + seconds * 1000).toISOString();
  const replaced = inventoryOf('PC1', 'os', { ...osOf(1), build: 100 }, { collected_at: at(0) });
  using _agent = await collecting(
    'PC1',
    () => {
      void raw(nats, subjects.inventory('PC1', 'os'), { ...replaced, hash: 'older', collected_at: at(-1) });
      return { sections: [{ section: 'os', hash: replaced.hash, changed: true, collected_at: at(0) }] };
    },
    () => inventory(nats, 'PC1', 'os', { ...osOf(1), build: 101 }, { collected_at: at(1) }),
  );
  const { status } = await kanade.backend.call('POST', '/agents/pc1/inventory/refresh', { sections: ['os'] });
  expect([status, (await get('/agents/PC1/inventory/os')).data.build]).toEqual([200, 101]);
});

test('all is asked for without a body; what cannot be collected, and whom nobody can ask, is said', async () => {
  const post = async (pc: string, body?: unknown) => {
    const answer = await kanade.backend.call('POST', `/agents/${pc}/inventory/refresh`, body);
    return [answer.status, answer.body.code];
  };
  using _agent = await collecting('PC2', (request) => ({ sections: [], problem: `no PowerShell for ${JSON.stringify(request)}` }));
  expect(await post('PC2')).toEqual([502, 'inventory_failed']);
  expect(await post('QUIET')).toEqual([504, 'agent_unreachable']);
  // That nobody listens is known at once.
  const { body } = await kanade.backend.call('POST', '/agents/QUIET/inventory/refresh');
  expect([body.title, body.detail]).toEqual(['The PC did not answer', 'QUIET is not connected']);
  expect(await post('NOBODY')).toEqual([404, 'not_found']);
  expect(await post('PC2', { sections: ['licences'] })).toEqual([422, 'invalid_body']);
  expect(await post('PC2', { sections: [] })).toEqual([422, 'invalid_body']);
});

test('a retired PC stays readable', async () => {
  await inventory(nats, 'PC3', 'os', osOf(3));
  await inventoryRead(nats, kanade.backend);
  expect((await kanade.backend.call('DELETE', '/agents/PC3')).status).toBe(200);
  expect(await get('/agents/PC3/inventory/os')).toMatchObject({ data: osOf(3) });
});

test('a projection that was deleted comes back with the same answers, byte for byte, however often it was said', async () => {
  // On one connection they are stored in the order they are sent.
  await Promise.all(Array.from({ length: 130 }, (_, n) => inventory(nats, 'PC1', 'counter', [{ id: n % 3, n }, { id: 'same' }])));
  await inventoryRead(nats, kanade.backend);
  const answers = async () => {
    const all = await allAnswers(kanade.backend);
    const raw: Record<string, string> = {};
    for (const path of ['/agents/PC1/inventory', '/agents/PC1/inventory-changes?section=counter&limit=500', '/agents/PC2/inventory'])
      raw[path] = JSON.stringify(await get(path));
    return { all, raw };
  };
  const before = await answers();
  expect(JSON.parse(before.raw['/agents/PC1/inventory-changes?section=counter&limit=500']!).items.length).toBe(99 * 2);
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
