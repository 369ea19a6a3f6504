import Sqlite, { type Database } from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { factOf } from '#backend/projectors/decode.ts';
import type { Item } from '#backend/projectors/fact.ts';
import { inventoryChanges, rowsFrom, sectionOf, sectionsOf } from '#backend/projectors/read/inventory.ts';
import { sweep } from '#backend/projectors/retention.ts';
import { SCHEMA } from '#backend/projectors/schema.ts';
import { Writer } from '#backend/projectors/writer.ts';
import { encode } from '#core/contract/codec.ts';
import {
  INVENTORY_CUSTOM_MAX,
  INVENTORY_HOUR_MAX,
  INVENTORY_PC_MAX,
  INVENTORY_VERSIONS,
  type InventoryData,
  type InventoryRow,
} from '#core/contract/inventory.ts';
import { STREAMS } from '#core/contract/streams.ts';
import { subjects } from '#core/contract/subjects.ts';
import { atOnce } from '#tests/support/at-once.ts';
import { accessDenied, inventoryOf, osOf, softwareOf } from '#tests/support/inventory.ts';
import { dump } from '#tests/support/projection.ts';

const T0 = Date.parse('2026-01-01T00:00:00Z');
const KEPT = STREAMS.INVENTORY.maxAge * 1000;
const { signal } = new AbortController();

function item(pc: string, section: string, body: unknown, seq: number, recorded = T0 + seq): Item {
  const subject = subjects.inventory(pc, section);
  const bytes = encode(body);
  return { place: { stream: 'INVENTORY', seq, recorded, subject }, fact: factOf('INVENTORY', subject, bytes), bytes };
}

const said = (pc: string, section: string, data: InventoryData | null, seq: number, more = {}) =>
  item(pc, section, inventoryOf(pc, section, data, { collected_at: new Date(T0 + seq).toISOString(), ...more }), seq);

function project(items: readonly Item[], batch = 1, db = new Sqlite(':memory:').exec(SCHEMA)): Database {
  const writer = new Writer(db);
  for (let from = 0; from < items.length; from += batch) {
    const some = items.slice(from, from + batch);
    writer.commit('INVENTORY', some, some.at(-1)!.place.seq);
  }
  return db;
}

const dataOf = (db: Database, pc: string, section: string) => rowsFrom(db, pc, section, 0, 100).map(({ row }) => row);
const listInventoryChanges = (...of: Parameters<typeof inventoryChanges>) => atOnce(inventoryChanges(...of));
const changesOf = (db: Database, pc: string) => listInventoryChanges(db, { pc, limit: 1000 }).items;
/** What the API can say of a PC. */
const answers = (db: Database, pc: string) =>
  JSON.stringify([sectionsOf(db, pc), sectionsOf(db, pc).map(({ section }) => rowsFrom(db, pc, section, 0, 1000)), changesOf(db, pc)]);
const bodies = (db: Database) => db.prepare('SELECT count(*) FROM inventory_bodies').pluck().get();

test('a section is what the PC said last, in its order, and the changes say what was different', () => {
  const db = project([
    said('PC1', 'software', [{ name: 'B' }, { name: 'A' }], 1),
    said('PC1', 'software', [{ name: 'B' }, { name: 'New' }, { name: 'A' }], 2, { job_id: null }),
    said('PC1', 'os', { build: 1 }, 3),
    said('PC1', 'os', { build: 2 }, 4),
  ]);
  expect(dataOf(db, 'PC1', 'software')).toEqual([{ name: 'B' }, { name: 'New' }, { name: 'A' }]);
  expect(sectionOf(db, 'PC1', 'software')).toMatchObject({ rows: 3, custom: false, faults: [] });
  expect(sectionOf(db, 'PC1', 'os')).toMatchObject({ rows: null, shape: 'object' });
  expect(changesOf(db, 'PC1')).toMatchObject([
    { section: 'os', change: 'changed', key: null, before: { build: 1 }, after: { build: 2 }, recorded_at: new Date(T0 + 4).toISOString() },
    { section: 'software', change: 'added', key: { name: 'New', architecture: null, user: null } },
  ]);
});

test('a message that could read nothing leaves the data and tells why; read and empty is another thing', () => {
  const db = project([said('PC1', 'hotfixes', [{ id: 'KB1' }], 1), said('PC1', 'hotfixes', null, 2, { faults: [accessDenied] })]);
  expect(sectionOf(db, 'PC1', 'hotfixes')).toMatchObject({
    collected_at: new Date(T0 + 1).toISOString(),
    checked_at: new Date(T0 + 2).toISOString(),
    rows: 1,
    faults: [accessDenied],
  });
  expect(changesOf(db, 'PC1')).toEqual([]);
  project([said('PC1', 'hotfixes', [], 3)], 1, db);
  expect(sectionOf(db, 'PC1', 'hotfixes')).toMatchObject({ rows: 0, faults: [], checked_at: new Date(T0 + 3).toISOString() });
  expect(changesOf(db, 'PC1')).toMatchObject([{ change: 'removed', before: { id: 'KB1' } }]);
  expect(bodies(db)).toBe(0);
});

test('of what could never be read the first that can is where the history begins', () => {
  const db = project([said('PC1', 'tpm', null, 1, { faults: [accessDenied] }), said('PC1', 'tpm', { present: true }, 2)]);
  expect(sectionOf(db, 'PC1', 'tpm')).toMatchObject({ shape: 'object' });
  expect(changesOf(db, 'PC1')).toEqual([]);
});

test('a row that many PCs have is stored once, and goes with the last of them', () => {
  const db = project(Array.from({ length: 10 }, (_, n) => said(`PC${n}`, 'software', softwareOf(n * 4, 50), n + 1)));
  expect(bodies(db)).toBe(50);
  for (let n = 0; n < 10; n++) project([said(`PC${n}`, 'software', [], 20 + n)], 1, db);
  expect(bodies(db)).toBe(0);
});

test('only what differs is written', () => {
  const db = project([said('PC1', 'software', softwareOf(1, 200), 1)]);
  const before = db.prepare('SELECT total_changes()').pluck().get() as number;
  const rows = softwareOf(1, 200).map((row, n) => (n === 100 ? { ...row, version: '999' } : row));
  project([said('PC1', 'software', rows, 2)], 1, db);
  expect((db.prepare('SELECT total_changes()').pluck().get() as number) - before).toBeLessThan(10);
  expect(dataOf(db, 'PC1', 'software')[99]).toEqual(rows[99]);
  expect(rowsFrom(db, 'PC1', 'software', 100, 1)[0]).toMatchObject({ n: 100, row: rows[100] });
});

test('what comes again changes nothing', () => {
  const items = [
    said('PC1', 'own', [{ id: 1 }], 1),
    said('PC1', 'own', [{ id: 2 }], 2),
    said('PC1', 'own', null, 3, { faults: [accessDenied] }),
    item('PC1', 'own', { nothing: true }, 4),
  ];
  const db = project(items);
  const once = dump(db);
  project(items, 2, db);
  project(items.slice(1, 2), 1, db);
  expect({ ...dump(db), projector: [] }).toEqual({ ...once, projector: [] });
});

const junk: [string, unknown][] = [
  ['another PC', inventoryOf('PC2', 'os', {})],
  ['another section', inventoryOf('PC1', 'bios', {})],
  ['a list of what is an object', inventoryOf('PC1', 'os', [])],
  ['text', { ...inventoryOf('PC1', 'os', {}), data: 'x' }],
  ['a nested value', { ...inventoryOf('PC1', 'os', {}), data: { a: { b: 1 } } }],
  ['a list in a list', { ...inventoryOf('PC1', 'os', {}), data: { a: [[1]] } }],
  ['a name that is none', inventoryOf('PC1', 'os', { 'Display Name': 1 })],
  ['a prototype', JSON.parse('{"__proto__": 1}')],
  ['a number that is none', '1e999'],
  ['no time', { ...inventoryOf('PC1', 'os', {}), collected_at: 'now' }],
  ['an unknown fault', { ...inventoryOf('PC1', 'os', {}), faults: [{ source: 'x', code: 'odd', message: '' }] }],
  ['no data at all', { pc_id: 'PC1', section: 'os', collected_at: '2026-01-01T00:00:00Z', hash: 'x', faults: [] }],
];

test.each(junk)('%s is a dead letter', (_, body) => {
  const text = JSON.stringify(inventoryOf('PC1', 'os', { n: 1 })).replace('"n":1', `"n":${body}`);
  const bytes = typeof body === 'string' ? Buffer.from(text) : encode(body);
  expect(factOf('INVENTORY', 'inventory.PC1.os', bytes)).toMatchObject({
    kind: 'dead',
    code: expect.stringMatching(/^(bad_message|subject_mismatch)$/),
  });
});

test('a list where an object belongs, too many rows or bytes, and subjects that are not spelt so are dead letters', () => {
  const deadOn = (subject: string, body: unknown) => factOf('INVENTORY', subject, encode(body)).kind === 'dead';
  expect(deadOn('inventory.PC1.software', inventoryOf('PC1', 'software', {}))).toBe(true);
  expect(deadOn('inventory.PC1.own', inventoryOf('PC1', 'own', {}))).toBe(false);
  expect(deadOn('inventory.PC1.own', inventoryOf('PC1', 'own', []))).toBe(false);
  expect(deadOn('inventory.PC1.own', inventoryOf('PC1', 'own', Array(20_001).fill({})))).toBe(true);
  expect(deadOn('inventory.PC1.own', inventoryOf('PC1', 'own', { a: 'x'.repeat(800_000) }))).toBe(true);
  expect(deadOn('inventory.pc1.own', inventoryOf('PC1', 'own', {}))).toBe(true);
  expect(deadOn('inventory.PC1.Own', inventoryOf('PC1', 'Own', {}))).toBe(true);
  expect(deadOn('inventory.PC1.own.more', inventoryOf('PC1', 'own', {}))).toBe(true);
});

test('a dead letter that can be read one day is projected then, unless there is something newer', () => {
  const good = said('PC1', 'own', [{ id: 2 }], 2);
  const bad: Item = { ...good, fact: { kind: 'dead', code: 'bad_message', detail: 'x' } };
  const db = project([said('PC1', 'own', [{ id: 1 }], 1), bad]);
  expect(new Writer(db).retry(good)).toMatchObject({ projected: true });
  expect(dataOf(db, 'PC1', 'own')).toEqual([{ id: 2 }]);
  expect(changesOf(db, 'PC1')).toHaveLength(2);
  project([{ ...bad, place: { ...bad.place, seq: 3, recorded: T0 + 3 } }, said('PC1', 'own', [{ id: 4 }], 4)], 1, db);
  new Writer(db).retry(said('PC1', 'own', [{ id: 3 }], 3));
  expect(dataOf(db, 'PC1', 'own')).toEqual([{ id: 4 }]);
});

const version = fc.oneof(
  { weight: 5, arbitrary: fc.array(fc.record({ id: fc.nat(3), v: fc.nat(2) }), { maxLength: 4 }) as fc.Arbitrary<InventoryRow[]> },
  { weight: 1, arbitrary: fc.record({ v: fc.nat(2) }) as fc.Arbitrary<InventoryRow> },
  { weight: 2, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constant('dead' as const) },
);

test('what a replay of all that the stream keeps gives is what was there before, answer for answer', () => {
  fc.assert(
    fc.property(
      fc.array(version, { minLength: 1, maxLength: 30 }),
      fc.constantFrom(0, INVENTORY_VERSIONS - 20, INVENTORY_VERSIONS - 2, INVENTORY_VERSIONS + 5),
      fc.integer({ min: 1, max: 7 }),
      (versions, filler, batch) => {
        // What was said in between, over and over, pushes the first ones out of the stream.
        const all = [...versions, ...Array<null>(filler).fill(null), ...versions.toReversed()];
        const items = all.map((data, n) =>
          data === 'dead'
            ? item('PC1', 'own', {}, n + 1)
            : said('PC1', 'own', data, n + 1, data === null ? { faults: [accessDenied] } : {}),
        );
        const live = project(items, batch);
        const rebuilt = project(items.slice(-INVENTORY_VERSIONS));
        expect(answers(live, 'PC1')).toBe(answers(rebuilt, 'PC1'));
        for (const table of ['inventory_bodies', 'inventory_rows']) expect(dump(live)[table]).toEqual(dump(rebuilt)[table]);
        live.close();
        rebuilt.close();
      },
    ),
    { numRuns: 60 },
  );
});

test('what is older than the stream goes, and with it what was compared with it', async () => {
  const items = [
    said('PC1', 'own', [{ id: 1 }], 1),
    said('PC1', 'own', [{ id: 2 }], 2000),
    said('PC1', 'own', [{ id: 3 }], 3000),
    said('PC1', 'tpm', { present: true }, 1000),
    said('PC1', 'tpm', null, 4000, { faults: [accessDenied] }),
    said('PC2', 'own', [{ id: 1 }], 5),
  ];
  const db = project(items);
  for (const passed of [0, 1, 500, 1500, 2500, 3500, 4500]) {
    const now = T0 + KEPT + passed;
    await sweep(db, { now, signal });
    const left = project(items.filter(({ place }) => place.recorded > now - KEPT));
    expect(answers(db, 'PC1'), `${passed}`).toBe(answers(left, 'PC1'));
    expect(answers(db, 'PC2'), `${passed}`).toBe(answers(left, 'PC2'));
    expect(bodies(db)).toBe(bodies(left));
  }
  expect(bodies(db)).toBe(0);
});

test('in a stream that was made again the sequences count anew; a copy of the old one brings nothing back', () => {
  const db = project([said('PC1', 'own', [{ id: 1 }], 7), said('PC1', 'own', [{ id: 2 }], 8)]);
  db.exec('UPDATE inventory_sections SET seq = 0');
  const before = answers(db, 'PC1');
  project([said('PC1', 'own', [{ id: 1 }], 7), said('PC1', 'own', [{ id: 2 }], 8)], 1, db);
  expect(answers(db, 'PC1')).toBe(before);
  const fresh = said('PC1', 'own', [{ id: 3 }], 1);
  project([{ ...fresh, place: { ...fresh.place, recorded: T0 + 10_000 } }], 1, db);
  expect(dataOf(db, 'PC1', 'own')).toEqual([{ id: 3 }]);
  expect(changesOf(db, 'PC1')).toHaveLength(4);
});

test('the changes of a PC come newest first, page by page, and by section and time', () => {
  const items = Array.from({ length: 60 }, (_, n) => said('PC1', n % 2 ? 'one' : 'two', [{ id: n }, { id: -n - 1 }], n + 1));
  const db = project(items);
  const all = changesOf(db, 'PC1');
  expect(all).toHaveLength(58 * 4);
  const paged: typeof all = [];
  for (let after: Parameters<typeof inventoryChanges>[1]['after']; ; ) {
    const { items: page, next } = listInventoryChanges(db, { pc: 'PC1', limit: 7, ...(after && { after }) });
    paged.push(...page);
    if (next === undefined) break;
    after = next;
  }
  expect(paged).toEqual(all);
  const times = all.map((change) => change.recorded_at);
  expect(times).toEqual(times.toSorted().reverse());
  expect(listInventoryChanges(db, { pc: 'PC1', sections: ['one'], limit: 1000 }).items).toEqual(
    all.filter(({ section }) => section === 'one'),
  );
  expect(listInventoryChanges(db, { pc: 'PC1', sections: ['two', 'none', 'one'], limit: 1000 }).items).toEqual(all);
  const since = Date.parse(all[50]!.recorded_at);
  expect(listInventoryChanges(db, { pc: 'PC1', since, limit: 1000 }).items).toEqual(
    all.filter(({ recorded_at }) => Date.parse(recorded_at) >= since),
  );
  // Of a section that nobody asked for nothing is read.
  db.exec("UPDATE inventory_versions SET changes = 'no JSON' WHERE section = 'two'");
  expect(listInventoryChanges(db, { pc: 'PC1', sections: ['one'], limit: 1000 }).items).toHaveLength(all.length / 2);
});

const HOUR = 3_600_000;
const deadLetters = (db: Database) =>
  db.prepare('SELECT code, subject FROM dead_letters ORDER BY recorded, seq').all() as { code: string }[];
/** A message of so many bytes, which say nothing. */
const bulk = (pc: string, section: string, seq: number, recorded: number, size: number): Item => {
  const subject = subjects.inventory(pc, section);
  return { place: { stream: 'INVENTORY', seq, recorded, subject }, fact: { kind: 'unread' }, bytes: new Uint8Array(size) };
};

test('a PC has so many custom sections and no more; those of ours, and those it has, go on, and other PCs too', () => {
  const db = project(Array.from({ length: INVENTORY_CUSTOM_MAX }, (_, n) => said('PC1', `own${n}`, { n }, n + 1)));
  const writer = new Writer(db);
  const { surplus, deadLetters: count } = writer.commit(
    'INVENTORY',
    [said('PC1', 'one_more', { n: 1 }, 101), item('PC1', 'junk', 1, 102)],
    102,
  );
  expect([surplus, count]).toEqual([[{ pc: 'PC1', refused: [] }], 2]);
  expect(deadLetters(db).map(({ code }) => code)).toEqual(['inventory_full', 'inventory_full']);
  const fine = [said('PC1', 'own7', { n: 70 }, 103), said('PC1', 'os', osOf(1), 104), said('PC2', 'one_more', { n: 2 }, 105)];
  expect(writer.commit('INVENTORY', fine, 105)).toMatchObject({ surplus: [], deadLetters: 0 });
  expect(sectionOf(db, 'PC1', 'one_more')).toBe(undefined);
  expect(dataOf(db, 'PC1', 'own7')).toEqual([{ n: 70 }]);
});

test('a subject that is none is told of, so that it does not stay in the stream', () => {
  const db = project([]);
  const items = ['inventory.pc1.os', 'inventory.PC1.Os', 'inventory.PC1.a.b'].map((subject, n): Item => {
    const { place, bytes } = bulk('PC1', 'os', n + 1, T0 + n, 3);
    return { place: { ...place, subject }, fact: { kind: 'unread' }, bytes };
  });
  const { surplus } = new Writer(db).commit('INVENTORY', items, 3);
  expect(surplus).toEqual([
    { pc: 'pc1', refused: [] },
    { pc: 'PC1', refused: [] },
  ]);
});

test('what a PC says beyond so many bytes an hour is not even read, and after that hour it is again', () => {
  const db = project([]);
  const writer = new Writer(db);
  const size = INVENTORY_HOUR_MAX / 8;
  const items = Array.from({ length: 10 }, (_, n) => bulk('PC1', 'os', n + 1, T0 + n, size));
  expect(writer.commit('INVENTORY', items, 10).surplus).toEqual([{ pc: 'PC1', refused: [9, 10] }]);
  expect(
    deadLetters(db)
      .slice(-2)
      .map(({ code }) => code),
  ).toEqual(['inventory_full', 'inventory_full']);
  expect(writer.commit('INVENTORY', [said('PC2', 'os', osOf(2), 11)], 11).surplus).toEqual([]);
  const later = said('PC1', 'os', osOf(1), 12);
  expect(writer.commit('INVENTORY', [{ ...later, place: { ...later.place, recorded: T0 + HOUR + 9 } }], 12)).toMatchObject({
    deadLetters: 0,
  });
  expect(dataOf(db, 'PC1', 'os')).toEqual([osOf(1)]);
});

test('of a PC that has more bytes than a PC may the oldest messages go, the newest of each section stays', () => {
  const db = project([said('PC1', 'bios', {}, 1), said('PC1', 'own', { n: 1 }, 2)]);
  const writer = new Writer(db);
  const size = INVENTORY_HOUR_MAX;
  const told = [];
  for (let n = 0; n < 2; n++)
    told.push(...writer.commit('INVENTORY', [bulk('PC1', 'os', 3 + n, T0 + (n + 1) * 2 * HOUR, size)], 3 + n).surplus);
  expect(told).toEqual([{ pc: 'PC1', refused: [] }]);
  const left = db.prepare('SELECT section, seq, size FROM inventory_messages ORDER BY seq').all() as {
    section: string;
    seq: number;
    size: number;
  }[];
  expect(left.map(({ section, seq }) => [section, seq])).toEqual([
    ['bios', 1],
    ['own', 2],
    ['os', 4],
  ]);
  expect(left.reduce((sum, { size }) => sum + size, 0)).toBeLessThan(INVENTORY_PC_MAX);
});

test('of the dead letters of a PC the newest hundred are kept, whatever others have', () => {
  const db = project([item('PC2', 'os', 1, 1), ...Array.from({ length: 130 }, (_, n) => item('PC1', 'os', n, n + 2))], 50);
  const kept = db.prepare('SELECT pc_id, count(*) AS n, min(seq) AS first FROM dead_letters GROUP BY pc_id ORDER BY pc_id').all();
  expect(kept).toEqual([
    { pc_id: 'PC1', n: 100, first: 32 },
    { pc_id: 'PC2', n: 1, first: 1 },
  ]);
});
