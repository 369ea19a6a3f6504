import Sqlite, { type Database } from 'better-sqlite3';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCondition } from '#backend/inventory/condition.ts';
import { fleetRows } from '#backend/inventory/fleet-rows.ts';
import { lookAtPc } from '#backend/inventory/look-at-pc.ts';
import { isMeant, type Query, queryOf, sectionsIn } from '#backend/inventory/query.ts';
import { findPcs, rowsThatFit } from '#backend/inventory/search.ts';
import { Slices } from '#backend/inventory/slices.ts';
import { factOf } from '#backend/projectors/decode.ts';
import { SCHEMA } from '#backend/projectors/schema.ts';
import { Writer } from '#backend/projectors/writer.ts';
import { encode } from '#core/contract/codec.ts';
import type { InventoryData, InventoryRow } from '#core/contract/inventory.ts';
import { subjects } from '#core/contract/subjects.ts';
import { atOnce } from '#tests/support/at-once.ts';
import { accessDenied, inventoryOf, osOf, softwareOf } from '#tests/support/inventory.ts';

const { signal } = new AbortController();
const slice = () => new Slices(() => performance.now()).begin(signal);
const query = (...texts: string[]): Query => queryOf(texts.map((text) => parseCondition(text)!));

type Fleet = Record<string, Record<string, InventoryData | null>>;

function fleetDatabase(fleet: Fleet): Database {
  const db = new Sqlite(':memory:').exec(SCHEMA);
  const writer = new Writer(db);
  let seq = 0;
  for (const [pc, sections] of Object.entries(fleet)) {
    for (const [section, data] of Object.entries(sections)) {
      const subject = subjects.inventory(pc, section);
      const bytes = encode(inventoryOf(pc, section, data, data === null ? { faults: [accessDenied] } : {}));
      const fact = factOf('INVENTORY', subject, bytes);
      writer.commit('INVENTORY', [{ place: { stream: 'INVENTORY', seq: ++seq, recorded: seq, subject }, fact, bytes }], seq);
    }
  }
  return db;
}

const chrome = (version: string, more = {}) => ({ name: 'Google Chrome', version, architecture: 'x64', user: null, ...more });
const other = { name: 'Other', version: '130', architecture: 'x64', user: null };
const fleet: Fleet = {
  NEW: { software: [chrome('120.0.1'), other], os: { build: 26100, booted_at: '2026-11-20T08:00:00Z' } },
  OLD: { software: [chrome('119.9', { install_date: '2026-01-01' }), other], os: { build: 19045, booted_at: '2026-11-01T08:00:00Z' } },
  BOTH: { software: [chrome('119.9', { user: 'S-1', install_location: 'C:\\Users\\a' }), chrome('121')], os: { build: 22631 } },
  NONE: { software: [other] },
  EMPTY: { software: [] },
  UNREAD: { software: null, os: { build: 1 } },
  SILENT: {},
};
const pcs = new Set(Object.keys(fleet));
const db = fleetDatabase(fleet);
const meant = async (...texts: string[]) => [...(await findPcs(db, query(...texts), pcs, slice())).pcs].sort();

test('conditions on one section hold on one row, of several sections each', async () => {
  expect(await meant('software.name=google chrome')).toEqual(['BOTH', 'NEW', 'OLD']);
  expect(await meant('software.name=Google Chrome', 'software.version<120')).toEqual(['BOTH', 'OLD']);
  expect(await meant('software.name=Google Chrome', 'software.version>=130')).toEqual([]);
  expect(await meant('software.name=*chrome', 'os.build>=22000')).toEqual(['BOTH', 'NEW']);
  expect(await meant('software.name=Nothing')).toEqual([]);
  expect(await meant('nowhere.name=x')).toEqual([]);
});

test('without such a row means read, and without it', async () => {
  expect(await meant('!software.name=Google Chrome', '!software.version>=120')).toEqual(['EMPTY', 'NONE', 'OLD']);
  expect(await meant('!software.name=Google Chrome')).toEqual(['EMPTY', 'NONE']);
  expect(await meant('software.name=Other', '!software.name=Google Chrome')).toEqual(['NONE']);
  expect(await meant('!nowhere.name=x')).toEqual([]);
  expect(await meant('os.build=1', '!software.name=x')).toEqual([]);
});

test('what is a PC’s own is looked for at each PC', async () => {
  expect(await meant('software.name=Google Chrome', 'software.user=S-1')).toEqual(['BOTH']);
  expect(await meant('software.install_location~users')).toEqual(['BOTH']);
  expect(await meant('software.install_date<2026-06-01')).toEqual(['OLD']);
  expect(await meant('os.booted_at>=2026-11-20', 'os.build>1')).toEqual(['NEW']);
  expect(await meant('software.user=null', 'software.name=Google Chrome')).toEqual(['BOTH', 'NEW', 'OLD']);
});

test('the rows that fit are shown, and listed across the fleet page by page', async () => {
  const q = query('software.name=Google Chrome', 'software.version<121', 'os.build>1');
  const found = await findPcs(db, q, pcs, slice());
  const [rule] = q.wants;
  expect(atOnce(rowsThatFit(db, 'BOTH', rule!, found.bodies.get(rule!)!, { limit: 20 }))).toEqual([
    { n: 0, row: fleet.BOTH!.software![0 as never] },
  ]);
  const all = await fleetRows(db, 'software', found, { limit: 100 }, slice());
  expect(all.items.map(({ pc_id, row }) => [pc_id, row.version])).toEqual([
    ['BOTH', '119.9'],
    ['NEW', '120.0.1'],
    ['OLD', '119.9'],
  ]);
  const everything = await findPcs(db, query(), pcs, slice());
  const rows = await fleetRows(db, 'software', everything, { limit: 100 }, slice());
  expect(rows).toEqual({ items: expect.any(Array) });
  expect(rows.items).toHaveLength(7);
  const paged: typeof rows.items = [];
  for (let after: Awaited<ReturnType<typeof fleetRows>>['next']; ; ) {
    const page = await fleetRows(db, 'software', everything, { limit: 2, ...(after && { after }) }, slice());
    paged.push(...page.items);
    if (page.next === undefined) break;
    after = page.next;
  }
  expect(paged).toEqual(rows.items);
});

const value = fc.oneof(fc.constantFrom('1.2', '1.10', 'a', 'B', null, true), fc.nat(3));
const ownRow = fc.dictionary(
  fc.constantFrom('name', 'version', 'user', 'install_date', 'install_location'),
  value,
) as fc.Arbitrary<InventoryRow>;
const section = fc.oneof({ weight: 4, arbitrary: fc.array(ownRow, { maxLength: 4 }) }, { weight: 1, arbitrary: fc.constant(null) });
const randomFleet = fc.dictionary(fc.stringMatching(/^[A-Z]{2}$/), fc.record({ software: section, own: section }, { requiredKeys: [] }), {
  maxKeys: 8,
}) as fc.Arbitrary<Fleet>;
const condition = fc
  .tuple(
    fc.constantFrom('', '', '!'),
    fc.constantFrom('software', 'own'),
    fc.constantFrom('name', 'version', 'user', 'install_date', 'install_location'),
    fc.constantFrom('=', '!=', '<', '<=', '>', '>=', '~'),
    fc.constantFrom('1.2', '2', 'a', 'null', '*', 'true'),
  )
  .map(([not, about, field, op, wanted]) => `${not}${about}.${field}${op}${wanted}`);

test('what is found by stored rows is what is found PC by PC, whoever reads the PC', async () => {
  await fc.assert(
    fc.asyncProperty(randomFleet, fc.array(condition, { minLength: 1, maxLength: 4 }), async (some, texts) => {
      const database = fleetDatabase(some);
      const q = query(...texts);
      const wanted = Object.keys(some).filter((pc) =>
        isMeant(q, (name) => (some[pc]![name] as InventoryRow[] | null | undefined) ?? undefined),
      );
      const { pcs: found } = await findPcs(database, q, new Set(Object.keys(some)), slice());
      expect([...found].sort()).toEqual(wanted.sort());
      const group = { query: q, sections: sectionsIn(q) };
      const looked = await Promise.all(
        Object.keys(some).map(async (pc) => ((await lookAtPc(database, pc, [group], slice()))[0]!.meant ? pc : [])),
      );
      expect(looked.flat().sort()).toEqual(wanted);
      database.close();
    }),
    { numRuns: 150 },
  );
});

/** Every slice is over as soon as it is asked about. */
function hasty(): Slices {
  let now = 0;
  return new Slices(() => (now += 1000));
}

test('what is called as something that every object has is looked for as any other', async () => {
  const odd = fleetDatabase({ ODD: { constructor: [{ a: 1, constructor: 'x' }] }, PLAIN: { os: osOf(1) } });
  const among = new Set(['ODD', 'PLAIN']);
  const found = async (text: string) => [...(await findPcs(odd, query(text), among, hasty().begin(signal))).pcs];
  expect(await found('constructor.a=1')).toEqual(['ODD']);
  expect(await found('constructor.constructor=x')).toEqual(['ODD']);
  expect(await found('os.constructor=x')).toEqual([]);
  odd.close();
});

test('works in slices have one slice between two turns of everything else, each in its turn', async () => {
  const slices = hasty();
  let turn = 0;
  const done = new AbortController();
  const tick = () => {
    turn++;
    if (!done.signal.aborted) setImmediate(tick);
  };
  setImmediate(tick);
  const seen: { turn: number; work: number }[] = [];
  const work = async (n: number) => {
    const one = slices.begin(signal);
    for (let times = 0; times < 5; times++) {
      await one.pause();
      seen.push({ turn, work: n });
    }
  };
  await Promise.all([work(1), work(2), work(3)]);
  done.abort();
  expect(new Set(seen.map((slice) => slice.turn)).size).toBe(15);
  expect(seen.map((slice) => slice.work).join('')).toBe('123'.repeat(5));
});

test('a search pauses at every page of what it reads, and ends with the one who asked', async () => {
  const many: Fleet = {};
  for (let n = 0; n < 100; n++) many[`PC${n}`] = { software: softwareOf(n, 60), os: osOf(n), own: [{ n }] };
  const large = fleetDatabase(many);
  const everybody = new Set(Object.keys(many));
  const texts = ['software.install_date>2000-01-01', 'own.n>=0'];
  const slices = hasty();
  const searches = Array.from({ length: 3 }, () => findPcs(large, query(...texts), everybody, slices.begin(signal)));
  for (const { pcs: found } of await Promise.all(searches)) expect(found.size).toBe(100);

  const gone = new AbortController();
  const search = findPcs(large, query(...texts), everybody, slices.begin(gone.signal));
  gone.abort();
  await expect(search).rejects.toMatchObject({ code: 'not_ready' });
  large.close();
});

test('long sections are searched, listed and told of in pieces, none of which keeps the thread for long', async () => {
  const long = Array.from({ length: 4000 }, (_, n) => ({ ...chrome(`${n}`), install_date: `2026-01-${10 + (n % 20)}` }));
  const some = fleetDatabase({ ONE: { software: long }, TWO: { software: long.toReversed() } });
  // Each look at the clock is a millisecond later than the last one.
  let now = 0;
  let turns = 0;
  const slices = new Slices(() => now++);
  const counted = () => {
    const work = slices.begin(signal);
    const pause = work.pause.bind(work);
    work.pause = () => {
      turns++;
      return pause();
    };
    return work;
  };
  const q = query('software.install_date=2026-01-12', 'software.version>2000');
  const found = await findPcs(some, q, new Set(['ONE', 'TWO']), counted());
  expect(turns).toBeGreaterThan(4000 / 10);
  turns = 0;
  const listed = await fleetRows(some, 'software', found, { limit: 500 }, counted());
  expect(listed.items).toHaveLength(200);
  expect(turns).toBeGreaterThanOrEqual(3);
  const [rule] = q.wants;
  const rows = long.flatMap((row, n) => (row.install_date === '2026-01-12' && n > 2000 ? { n, row } : []));
  expect(atOnce(rowsThatFit(some, 'ONE', rule!, found.bodies.get(rule!)!, { limit: 100 }))).toEqual(rows);
  expect(atOnce(rowsThatFit(some, 'ONE', rule!, found.bodies.get(rule!)!, { from: 2500, limit: 3 }))).toEqual(
    rows.filter(({ n }) => n >= 2500).slice(0, 3),
  );
});
