import { expect, test } from 'vitest';
import { epochOf, nextNote, replayFrom } from '#backend/agents/exec-epoch.ts';

const newId = () => 'r1';
const found = { created: 'a', lastSeq: 10 };

test('the first look notes what it finds, and a stream that goes on is the same', () => {
  expect(nextNote(undefined, found, newId)).toEqual({ created: 'a', last_seq: 10 });
  expect(nextNote({ created: 'a' }, found, newId)).toEqual({ created: 'a', last_seq: 10 });
  expect(nextNote({ created: 'a', last_seq: 9, restored: 'r0' }, found, newId)).toEqual({ created: 'a', last_seq: 10, restored: 'r0' });
});

test('a stream made anew, and one that went back, replace the one before', () => {
  const before = { created: 'b', last_seq: 20, restored: 'r0' };
  expect(nextNote(before, found, newId)).toEqual({ created: 'a', last_seq: 10, replaces: { created: 'b', last_seq: 20 } });
  const back = nextNote({ created: 'a', last_seq: 11, restored: 'r0' }, found, newId);
  expect(back).toEqual({ created: 'a', last_seq: 10, restored: 'r1', replaces: { created: 'a', last_seq: 11 } });
  expect(epochOf(back)).not.toBe('a');
});

test('what was not finished is still to be done at the next look', () => {
  const replaces = { created: 'b', last_seq: 20 };
  expect(nextNote({ created: 'a', last_seq: 10, replaces }, { ...found, lastSeq: 12 }, newId)).toMatchObject({ last_seq: 12, replaces });
});

test.each([
  ['behind what the ledger has', { floor: 4, epoch: 'a' }, 'a', 5],
  ['behind the very end', { floor: 10, epoch: 'a' }, 'a', 11],
  ['in a restored stream', { floor: 4, epoch: 'a r1' }, 'a r1', 5],
  ['not beyond the end', { floor: 11, epoch: 'a' }, 'a', undefined],
  ['not below nothing', { floor: -5, epoch: 'a' }, 'a', undefined],
  ['not by sequences from before it was restored', { floor: 4, epoch: 'a' }, 'a r1', undefined],
  ['not by sequences of another stream, though nobody has noticed yet', { floor: 4, epoch: 'b' }, 'b', undefined],
  ['not before anything is known', { floor: 4, epoch: '' }, undefined, undefined],
  ['not when nothing is said', {}, 'a', undefined],
])('a durable begins %s', (_, said, epoch, from) => {
  expect(replayFrom({ state: 'ready', ...said }, epoch, found)).toBe(from);
});
