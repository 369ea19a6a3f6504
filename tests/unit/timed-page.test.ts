import { expect, test } from 'vitest';
import { timedPage } from '#backend/http/timed-page.ts';

const rows = [
  { id: 'b', at: '2026-11-02T00:00:00Z' },
  { id: 'c', at: '2026-11-01T00:00:00Z' },
  { id: 'a', at: '2026-11-02T00:00:00Z' },
  { id: 'd', at: '2026-11-03T00:00:00Z' },
];
const placeOf = ({ at, id }: (typeof rows)[number]) => [at, id] as const;

function walk(newestFirst: boolean): string[] {
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = timedPage('x', { limit: 1, ...(cursor === undefined ? {} : { cursor }) }, rows, { placeOf, newestFirst });
    ids.push(...page.items.map(({ id }) => id));
    if (page.next === null) return ids;
    cursor = page.next;
  }
}

test('pages follow each other without a gap, by time and those of one time by id', () => {
  expect(walk(false)).toEqual(['c', 'a', 'b', 'd']);
  expect(walk(true)).toEqual(['d', 'a', 'b', 'c']);
});

test('a cursor is for the list and the filter it was given for', () => {
  const { next } = timedPage('x', { limit: 1 }, rows, { placeOf });
  expect(() => timedPage('y', { limit: 1, cursor: next! }, rows, { placeOf })).toThrow(/another list/);
  const filtered = { limit: 1, cursor: next!, state: 'pending' };
  expect(() => timedPage('x', filtered, rows, { placeOf })).toThrow(/another list/);
});
