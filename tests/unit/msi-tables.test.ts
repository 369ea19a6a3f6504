import { expect, test } from 'vitest';
import { filesFragment } from '../../installer/msi/files-fragment.ts';
import { guidOf } from '../../installer/msi/guid.ts';
import { formatTable, parseTable, setCell } from '../../installer/msi/table.ts';

test('a table is read and written as it was', () => {
  const text = 'Property\tValue\r\ns72\tl0\r\nProperty\tProperty\r\nALLUSERS\t1\r\nProductName\tKanade Agent\r\n';
  const table = parseTable(text);
  expect(table).toMatchObject({
    name: 'Property',
    keys: ['Property'],
    rows: [
      ['ALLUSERS', '1'],
      ['ProductName', 'Kanade Agent'],
    ],
  });
  expect(formatTable(table)).toBe(text);
  setCell(table, ['Property', 'ALLUSERS'], 'Value', '2');
  expect(table.rows[0]).toEqual(['ALLUSERS', '2']);
  expect(() => setCell(table, ['Property', 'Missing'], 'Value', '2')).toThrow('0 rows with Property Missing');
  expect(parseTable('A\r\ns72\r\n1252\tT\tA\r\n').name).toBe('T');
});

test('a GUID is made from a text, in capitals', () => {
  expect(guidOf('one')).toMatch(/^\{[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}\}$/);
  expect(guidOf('one')).toBe(guidOf('one'));
  expect(guidOf('one')).not.toBe(guidOf('two'));
});

test('the files of a version are a component each, which is another one in another version', () => {
  const names = ['module/en-US/about.txt', 'agent.mjs', 'module/a&b.psd1'];
  const one = filesFragment('1.2.3', 'files', names);
  expect(one).toBe(filesFragment('1.2.3', 'files', [...names].reverse()));
  expect(one.match(/<Component /g)).toHaveLength(3);
  expect(one.match(/<ComponentRef /g)).toHaveLength(3);
  expect(one).toContain('Source="files/module/a&amp;b.psd1"');
  expect(one.match(/<Directory /g)).toHaveLength(2);
  const guids = (text: string) => text.match(/Guid="[^"]+"/g)!;
  expect(guids(filesFragment('1.2.4', 'files', names)).some((guid) => guids(one).includes(guid))).toBe(false);
});
