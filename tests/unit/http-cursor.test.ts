import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor, listKey } from '#backend/http/cursor.ts';

test('a cursor brings back where the page ended', () => {
  const key = listKey('agents', { group: 'lab', sort: 'version' });
  expect(decodeCursor(key, encodeCursor(key, [null, 'PC1']), ['*', 'string'])).toEqual([null, 'PC1']);
});

test('the key of a list depends on filter and order, not on limit, cursor or the order of the parameters', () => {
  const key = listKey('agents', { group: 'lab', sort: 'version' });
  expect(listKey('agents', { sort: 'version', limit: 3, cursor: 'x', group: 'lab', os: undefined })).toBe(key);
  expect(listKey('agents', { group: 'lab', sort: 'os' })).not.toBe(key);
  expect(listKey('audit', { group: 'lab', sort: 'version' })).not.toBe(key);
});

test.each([
  ['of another list', () => encodeCursor(listKey('audit', {}), [1, 'a'])],
  ['with too few values', () => encodeCursor(listKey('agents', {}), [1])],
  ['with values of another kind', () => encodeCursor(listKey('agents', {}), ['1', 'a'])],
  ['with an object in it', () => Buffer.from(JSON.stringify([listKey('agents', {}), { a: 1 }, 'a'])).toString('base64url')],
  ['that is nonsense', () => 'nonsense'],
])('a cursor %s is refused', (_, cursor) => {
  expect(() => decodeCursor(listKey('agents', {}), cursor(), ['number', 'string'])).toThrow(
    expect.objectContaining({ code: 'invalid_cursor' }),
  );
});
