import { describe, expect, test } from 'vitest';
import { customSection, snakeCase } from '#core/agent/inventory/custom-section.ts';
import { cutToSize } from '#core/agent/inventory/cut-to-size.ts';
import type { Reading } from '#core/agent/inventory/inventory-source.ts';
import { NOTHING_SAID, stateFor } from '#core/agent/inventory/inventory-state.ts';
import { sectionHash } from '#core/agent/inventory/section-hash.ts';
import { readSectionMessage, readSupport } from '#core/agent/inventory/section-message.ts';
import {
  INVENTORY_LIST_MAX,
  INVENTORY_MAX,
  INVENTORY_ROWS_MAX,
  INVENTORY_TEXT_MAX,
  type InventoryFault,
  type InventoryRow,
  type Section,
} from '#core/contract/inventory.ts';
import { tooMuchInData } from '#core/contract/inventory-data.ts';

const fault = (code: InventoryFault['code'], message = 'x', source = 's'): InventoryFault => ({ source, code, message });
const hashOf = (data: Reading['data'], ...faults: InventoryFault[]) => sectionHash({ data, faults });

describe('the hash of a section', () => {
  test('is the same whatever the order of names and rows, and the words of faults', () => {
    expect(hashOf({ a: 1, b: ['x', null] })).toBe(hashOf({ b: ['x', null], a: 1 }));
    expect(hashOf([{ a: 1, b: 2 }, { a: 2 }])).toBe(hashOf([{ a: 2 }, { b: 2, a: 1 }]));
    expect(hashOf(null, fault('failed', 'one'), fault('timed_out'))).toBe(hashOf(null, fault('timed_out'), fault('failed', 'other')));
    expect(hashOf({})).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each<[string, Reading['data'], Reading['data']]>([
    ['a value', { a: 1 }, { a: 2 }],
    ['its type', { a: 1 }, { a: '1' }],
    ['a name', { a: 1 }, { b: 1 }],
    ['the order in a list of values', { a: [1, 2] }, { a: [2, 1] }],
    ['a row more', [{ a: 1 }], [{ a: 1 }, { a: 1 }]],
    ['nothing there, and nothing readable', [], null],
    ['an object, and a list of it', { a: 1 }, [{ a: 1 }]],
    ['where a row ends', [{ a: 'x' }, { b: 'y' }], [{ a: 'x', b: 'y' }]],
  ])('tells apart %s', (_, one, other) => expect(hashOf(one)).not.toBe(hashOf(other)));

  test('tells apart what could not be read, and why', () => {
    const hashes = [hashOf(null), hashOf(null, fault('failed')), hashOf(null, fault('timed_out')), hashOf(null, fault('failed', 'x', 't'))];
    expect(new Set(hashes).size).toBe(4);
  });
});

describe('what is longer than a message', () => {
  const size = (reading: Reading) => Buffer.byteLength(JSON.stringify(reading.data)) + Buffer.byteLength(JSON.stringify(reading.faults));
  const rows = Array.from({ length: 100 }, (_, n) => ({ name: `ü${n}` }));

  test('is left as it is while it fits', () => {
    const reading = { data: rows, faults: [fault('access_denied')] };
    expect(cutToSize('x', reading, size(reading))).toEqual(reading);
    expect(cutToSize('x', { data: [], faults: [] }, 10)).toEqual({ data: [], faults: [] });
  });

  test('loses rows from the end, as few as may be, and says how many', () => {
    const reading = { data: rows, faults: [fault('access_denied')] };
    const cut = cutToSize('software', reading, size(reading) - 1);
    const kept = (cut.data as object[]).length;
    expect(kept).toBeGreaterThan(80);
    expect(cut.data).toEqual(rows.slice(0, kept));
    expect(cut.faults).toEqual([
      fault('access_denied'),
      fault('too_large', `${100 - kept} of 100 rows are left out: they are more than a message holds`, 'software'),
    ]);
    for (let room = 300; room < size(reading); room += 7) expect(size(cutToSize('software', reading, room))).toBeLessThanOrEqual(room);
  });

  test('is nothing that could be read when it is an object, or not even one row fits', () => {
    const long = { text: 'x'.repeat(1000) };
    for (const data of [long, [long]]) {
      expect(cutToSize('os', { data, faults: [] }, 500)).toEqual({ data: null, faults: [expect.objectContaining({ code: 'too_large' })] });
    }
  });

  test('hides nothing else: one program with a very long name is told with the beginning of it', () => {
    const programs: InventoryRow[] = [{ name: 'x'.repeat(800_000) }, { name: 'Office', ips: Array.from({ length: 300 }, (_, n) => n) }];
    const cut = cutToSize('software', { data: programs, faults: [] }, INVENTORY_MAX);
    expect(cut.data).toEqual([
      { name: 'x'.repeat(INVENTORY_TEXT_MAX) },
      { name: 'Office', ips: Array.from({ length: INVENTORY_LIST_MAX }, (_, n) => n) },
    ]);
    expect(cut.faults).toEqual([fault('too_large', expect.stringMatching(/^2 values are cut/), 'software')]);
    const one = cutToSize('os', { data: { name: 'x'.repeat(800_000), build: 1 }, faults: [] }, INVENTORY_MAX);
    expect(one.data).toEqual({ name: 'x'.repeat(INVENTORY_TEXT_MAX), build: 1 });
  });

  test('loses a row that does not fit, and not those behind it', () => {
    const cut = cutToSize('software', { data: [{ name: 'A' }, { name: 'x'.repeat(1000) }, { name: 'B' }], faults: [] }, 400);
    expect(cut.data).toEqual([{ name: 'A' }, { name: 'B' }]);
    expect(cut.faults).toEqual([fault('too_large', expect.stringContaining('1 of 3 rows'), 'software')]);
  });

  test.each<[string, Reading['data']]>([
    ['texts', [{ a: 'x'.repeat(5000), b: ['y'.repeat(5000)] }]],
    ['a character that is cut in two', { a: `${'x'.repeat(INVENTORY_TEXT_MAX - 1)}\u{1F600}` }],
    ['lists', { a: Array.from({ length: 1000 }, () => null) }],
    ['names', Array.from({ length: 600 }, (_, n) => ({ id: n, [`field${n}`]: 1 }))],
    ['rows', Array.from({ length: INVENTORY_ROWS_MAX + 1 }, () => ({}))],
  ])('of too many or too long %s is what the backend takes', (_, data) => {
    expect(tooMuchInData(data)).toBeDefined();
    const cut = cutToSize('own', { data, faults: [] }, INVENTORY_MAX);
    expect(tooMuchInData(cut.data)).toBeUndefined();
    expect(cut.faults).toEqual([fault('too_large', expect.any(String), 'own')]);
    expect(JSON.stringify(cut.data)).not.toMatch(/\\ud[89a-f]/);
  });

  test('has no more rows than a section may have', () => {
    const many = Array.from({ length: INVENTORY_ROWS_MAX + 5 }, () => ({}));
    const cut = cutToSize('x', { data: many, faults: [] }, 1_000_000);
    expect(cut.data).toHaveLength(INVENTORY_ROWS_MAX);
    expect(cut.faults).toEqual([fault('too_large', expect.stringContaining('5 of 20005 rows'), 'x')]);
  });

  test('faults are cut as well, each and all', () => {
    const faults = Array.from({ length: 1000 }, () => fault('failed', 'm'.repeat(5000), 's'.repeat(5000)));
    const cut = cutToSize('os', { data: null, faults }, 1_000_000);
    expect(cut.faults).toHaveLength(50);
    expect(cut.faults[0]).toEqual(fault('failed', 'm'.repeat(1024), 's'.repeat(256)));
  });
});

describe('what a script wrote as a section', () => {
  const read = (text: string, truncated = false) => customSection('licences', { text, truncated });
  const refused = (code: InventoryFault['code'], message: unknown) => ({ data: null, faults: [{ source: 'licences', code, message }] });

  test('an object or a list of them is taken, with its names as they are in queries', () => {
    expect(read('\uFEFF{"ProductName": "Größe", "Seats": 3, "Free": null, "InUse": true, "Keys": ["a", 1]}\r\n')).toEqual({
      data: { product_name: 'Größe', seats: 3, free: null, in_use: true, keys: ['a', 1] },
      faults: [],
    });
    expect(read('[{"Id": 1}, {"Id": 2}]')).toEqual({ data: [{ id: 1 }, { id: 2 }], faults: [] });
    expect(read('[]')).toEqual({ data: [], faults: [] });
    expect(read('{}')).toEqual({ data: {}, faults: [] });
  });

  test.each([
    ['InstallDate', 'install_date'],
    ['installDate', 'install_date'],
    ['install_date', 'install_date'],
    ['Install Date', 'install_date'],
    ['Free (%)', 'free'],
    ['OS', 'o_s'],
    ['@odata.type', 'odata_type'],
  ])('%s is called %s', (name, field) => expect(snakeCase(name)).toBe(field));

  test.each([
    ['', 'nothing'],
    [' \n', 'nothing'],
    ['hello', 'is not JSON'],
    ['{"a": 1}\n{"a": 2}', 'is not JSON'],
    ['3', 'neither'],
    ['null', 'neither'],
    ['["a"]', 'neither'],
    ['[{"a": 1}, null]', 'neither'],
    ['[[{"a": 1}]]', 'neither'],
  ])('%j is no section', (text, why) => expect(read(text)).toEqual(refused('not_json', expect.stringContaining(why))));

  test.each([
    ['{"a": {"b": 1}}', '/a is not text, a number'],
    ['{"a": [[1]]}', '/a is not text, a number'],
    ['{"a": 1e999}', '/a is not text, a number'],
    ['[{"a": 1}, {"B c": [{}]}]', '/1/b_c is not text, a number'],
    ['{"größe": 1, "é": 2}', '"é" cannot name a field'],
    ['{"1st": 1}', '"1st" cannot name a field'],
    [JSON.stringify(Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`a${n}`, n]))), 'has 201 fields'],
    ['{"": 1}', '"" cannot name a field'],
    ['{"FreeGb": 1, "free_gb": 2}', '"free_gb" and another field would both be called free_gb'],
    [`{"${'a'.repeat(65)}": 1}`, 'cannot name a field'],
  ])('%s is refused, saying where', (text, why) => expect(read(text)).toEqual(refused('failed', expect.stringContaining(why))));

  test('of what was cut nothing is taken', () => expect(read('{"a": 1}', true)).toEqual(refused('too_large', expect.any(String))));
});

describe('what PowerShell says', () => {
  const message = { section: 'os', collected_at: '2026-11-21T10:00:00Z', data: { name: 'x' }, faults: [], working_set: 1 };

  test('is one line, that of the section that was asked for', () => {
    expect(readSectionMessage('os', `\n${JSON.stringify(message)}\r\n`)).toEqual(message);
    expect(readSectionMessage('os', JSON.stringify({ ...message, data: null, newer: 1 })).data).toBe(null);
  });

  test.each([
    ['another section', { section: 'cpu' }],
    ['no section', { section: 'nope' }],
    ['no time', { collected_at: 'now' }],
    ['text as data', { data: 'x' }],
    ['nested data', { data: [{ a: { b: 1 } }] }],
    ['rows that are none', { data: [1] }],
    ['a name that is not in snake_case', { data: { FreeGb: 1 } }],
    ['a list where one object is meant', { data: [{ a: 1 }] }],
    ['one object where a list is meant', { section: 'cpu', data: { a: 1 } }, 'cpu'],
    ['no faults', { faults: undefined }],
    ['a fault of its own invention', { faults: [{ source: 'x', code: 'odd', message: '' }] }],
    ['no size', { working_set: null }],
  ] as [string, object, Section?][])('%s is not understood', (_, more, section = 'os') => {
    expect(() => readSectionMessage(section, JSON.stringify({ ...message, ...more }))).toThrow(
      expect.objectContaining({ code: 'bad_message' }),
    );
  });

  test('the sections it has are put in our order, and what is newer than this agent is passed over', () => {
    expect(readSupport('["software","os","holograms"]')).toEqual(['os', 'software']);
    expect(() => readSupport('{"os":1}')).toThrow(expect.objectContaining({ code: 'bad_message' }));
    expect(() => readSupport('["os"]\n["os"]')).toThrow(expect.objectContaining({ code: 'bad_message' }));
  });
});

test('what was said counts for the enrolment and the streams it was said to', () => {
  const said = { enrolment: 'e', epoch: 's', collected_at: 5, sections: { os: { hash: 'h', published_at: 4 } } };
  expect(stateFor(said, { enrolment: 'e', epoch: 's' })).toBe(said);
  expect(stateFor(said, { enrolment: 'e', epoch: 'restored' })).toEqual({ ...said, epoch: 'restored', sections: {} });
  expect(stateFor(said, { enrolment: 'new', epoch: 's' })).toEqual({ ...NOTHING_SAID, enrolment: 'new', epoch: 's' });
});
