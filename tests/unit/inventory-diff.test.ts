import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffSection } from '#backend/projectors/inventory/diff.ts';
import { joinRow, splitRow } from '#backend/projectors/inventory/stored-row.ts';
import { fieldOf, type InventoryData, type InventoryRow } from '#core/contract/inventory.ts';

const chrome = { name: 'Chrome', version: '119', architecture: 'x64', user: null, install_date: '2026-01-01' };
const office = { name: 'Office', version: '16', architecture: 'x64', user: null };

test('a program that was updated is one changed row, and says only what differs', () => {
  expect(diffSection('software', [chrome, office], [office, { ...chrome, version: '120', install_date: '2026-02-02' }])).toEqual([
    {
      change: 'changed',
      key: { name: 'Chrome', architecture: 'x64', user: null },
      before: { version: '119', install_date: '2026-01-01' },
      after: { version: '120', install_date: '2026-02-02' },
    },
  ]);
});

test('what left comes first, then what is new or changed; the order of rows is no change', () => {
  const zip = { name: '7-Zip', version: '24', architecture: 'x64', user: null };
  expect(diffSection('software', [chrome, office], [zip, { ...office, version: '17' }])).toEqual([
    { change: 'removed', key: expect.objectContaining({ name: 'Chrome' }), before: chrome, after: null },
    { change: 'added', key: expect.objectContaining({ name: '7-Zip' }), before: null, after: zip },
    { change: 'changed', key: expect.objectContaining({ name: 'Office' }), before: { version: '16' }, after: { version: '17' } },
  ]);
  expect(diffSection('software', [chrome, office], [office, chrome])).toEqual([]);
});

test('a field that is null is as good as one that is not said', () => {
  expect(diffSection('software', [chrome], [{ ...chrome, publisher: null }])).toEqual([]);
  expect(diffSection('os', { build: 1, name: null }, { build: 2 })).toEqual([
    { change: 'changed', key: null, before: { build: 1 }, after: { build: 2 } },
  ]);
  expect(diffSection('os', { build: 1 }, { build: 1, name: 'x' })).toEqual([
    { change: 'changed', key: null, before: { name: null }, after: { name: 'x' } },
  ]);
});

test('rows of one name are told apart by their number, once those that stayed are set aside', () => {
  const row = (version: string) => ({ ...chrome, version });
  expect(diffSection('software', [row('1'), row('2')], [row('2')])).toMatchObject([{ change: 'removed', before: row('1') }]);
  expect(diffSection('software', [row('1'), row('2')], [row('3'), row('4'), row('5')])).toMatchObject([
    { change: 'changed', before: { version: '1' }, after: { version: '3' } },
    { change: 'changed', before: { version: '2' }, after: { version: '4' } },
    { change: 'added', after: row('5') },
  ]);
});

test('the rows of a custom section go by id, else by name, else by themselves', () => {
  const key = (before: InventoryRow[], after: InventoryRow[]) => diffSection('own', before, after).map((change) => change.key);
  expect(key([{ id: 1, name: 'a' }], [{ id: 1, name: 'b' }])).toEqual([{ id: 1 }]);
  expect(key([{ name: 'a', v: 1 }], [{ name: 'a', v: 2 }])).toEqual([{ name: 'a' }]);
  expect(key([{ id: 1, name: 'a' }], [{ id: null, name: 'a' }])).toEqual([{ name: 'a' }]);
  const twice = [
    { name: 'a', v: 1 },
    { name: 'a', v: 2 },
  ];
  expect(diffSection('own', twice, [{ name: 'a', v: 3 }]).map(({ change, key }) => [change, key])).toEqual([
    ['removed', { name: 'a', v: 1 }],
    ['removed', { name: 'a', v: 2 }],
    ['added', { name: 'a', v: 3 }],
  ]);
});

test('a custom section that becomes a list has lost its object, and the other way round', () => {
  const object = { a: 1 };
  expect(diffSection('own', object, [{ id: 1 }])).toEqual([
    { change: 'removed', key: null, before: object, after: null },
    { change: 'added', key: { id: 1 }, before: null, after: { id: 1 } },
  ]);
  expect(diffSection('own', [{ id: 1 }], object)).toEqual([
    { change: 'removed', key: { id: 1 }, before: { id: 1 }, after: null },
    { change: 'added', key: null, before: null, after: object },
  ]);
});

const scalar = fc.oneof(fc.constantFrom('a', 'b', ''), fc.nat(3), fc.boolean(), fc.constant(null));
const row = fc.dictionary(
  fc.constantFrom('id', 'name', 'version', 'architecture', 'user', 'install_date', 'install_location', 'uninstall_command', 'constructor'),
  fc.oneof(scalar, fc.array(scalar, { maxLength: 2 })),
) as fc.Arbitrary<InventoryRow>;

test('whatever a row holds, it is stored and comes back as it was, its fields in their order', () => {
  fc.assert(
    fc.property(row, fc.constantFrom('software', 'hotfixes', 'own', 'network'), (one, section) => {
      const stored = splitRow(section, one);
      expect(JSON.stringify(joinRow(section, stored))).toBe(JSON.stringify(one));
    }),
  );
});

test('a program that is on many PCs is stored once, whenever it was installed; one user’s is his alone', () => {
  const machine = { ...chrome, install_location: 'C:\\Chrome', uninstall_command: 'x' };
  expect(splitRow('software', machine).body).toBe(splitRow('software', { ...machine, install_date: '2020-01-01' }).body);
  expect(splitRow('software', machine).body).toContain('C:\\\\Chrome');
  const user = (name: string) => ({ ...machine, user: `S-1-5-${name}`, install_location: `C:\\Users\\${name}` });
  expect(splitRow('software', user('a')).body).toBe(splitRow('software', user('b')).body);
});

/** What a reader makes of a version and its changes: he must come out at the next version. */
function replayed(section: string, before: readonly InventoryRow[], after: readonly InventoryRow[]): InventoryRow[] {
  const plain = (one: InventoryRow) =>
    JSON.stringify(
      Object.entries(one)
        .filter(([, v]) => v !== null)
        .sort(),
    );
  const rows = before.map(plain);
  for (const change of diffSection(section, before, after)) {
    if (change.change === 'added') rows.push(plain(change.after!));
    if (change.change === 'removed') rows.splice(rows.indexOf(plain(change.before!)), 1);
    if (change.change !== 'changed') continue;
    const at = rows.findIndex((text) => {
      const one = Object.fromEntries(JSON.parse(text)) as InventoryRow;
      const said = { ...change.key, ...change.before };
      return Object.entries(said).every(([field, value]) => JSON.stringify(fieldOf(one, field)) === JSON.stringify(value));
    });
    expect(at).toBeGreaterThanOrEqual(0);
    rows[at] = plain({ ...(Object.fromEntries(JSON.parse(rows[at]!)) as InventoryRow), ...change.after });
  }
  return rows.sort() as unknown as InventoryRow[];
}

test('the changes lead from one version to the next', () => {
  // Of two rows of one name nobody could say which of them a change is about.
  const rows = fc.uniqueArray(row, { maxLength: 6, selector: (one) => JSON.stringify(one.id ?? null) });
  fc.assert(
    fc.property(rows, rows, fc.constantFrom('own', 'hotfixes'), (before, after, section) => {
      expect(diffSection(section, after, after)).toEqual([]);
      expect(replayed(section, before, after)).toEqual(replayed(section, after, after));
    }),
    { numRuns: 1000 },
  );
});

test('twenty thousand rows of one name can be compared', () => {
  const many = (version: number): InventoryData => Array.from({ length: 20_000 }, (_, n) => ({ id: 'same', n, version }));
  expect(diffSection('hotfixes', many(1), many(2))).toHaveLength(20_000);
});

test('a section and a field that are called as what every object has are as any other', () => {
  const rows: InventoryRow[] = [{ id: 1, constructor: 'a' }, { id: 2 }];
  expect(diffSection('constructor', rows, [{ id: 1, constructor: 'b' }, { id: 2 }])).toEqual([
    { change: 'changed', key: { id: 1 }, before: { constructor: 'a' }, after: { constructor: 'b' } },
  ]);
  for (const row of rows) expect(joinRow('constructor', splitRow('constructor', row))).toEqual(row);
});
