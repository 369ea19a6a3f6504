import { expect, test } from 'vitest';
import { decode, encode } from '#core/contract/codec.ts';
import { Command } from '#core/contract/command.ts';
import { durationText, parseDuration, parseDurationWithin } from '#core/contract/duration.ts';
import { messageOf } from '#core/contract/errors.ts';
import { EventStarted } from '#core/contract/events.ts';
import { deriveId, foldPcId, isId, resultId } from '#core/contract/ids.ts';
import { BUCKETS, STREAMS } from '#core/contract/streams.ts';
import { commandAddressee, execAndPc, replayDurable, replayFilters } from '#core/contract/subjects.ts';
import { parseAckSubject } from '#core/nats/js-message.ts';

test('an id is 1 to 64 letters, digits, _ or -', () => {
  for (const good of ['a', 'A-1_b', 'x'.repeat(64)]) expect(isId(good)).toBe(true);
  for (const bad of ['', 'x'.repeat(65), 'a.b', 'a b', 'a*', '>', 'ä', 1, undefined]) expect(isId(bad)).toBe(false);
  expect(() => foldPcId('a.b')).toThrow('"a.b"');
  expect(foldPcId('minipc-01')).toBe('MINIPC-01');
});

test('what failed at each address of a host is said, although the whole has no words', () => {
  const refused = (address: string) => new Error(`connect ECONNREFUSED ${address}`);
  expect(messageOf(new AggregateError([refused('::1:80'), refused('127.0.0.1:80')]))).toBe(
    'connect ECONNREFUSED ::1:80; connect ECONNREFUSED 127.0.0.1:80',
  );
});

test('derived ids depend on every part and on where it ends', () => {
  expect(deriveId('a', 'bc')).not.toBe(deriveId('ab', 'c'));
  expect(deriveId('a')).toMatch(/^[0-9a-f]{32}$/);
  expect(resultId('r', 'PC1')).toBe(resultId('r', 'PC1'));
  expect(resultId('r', 'PC1')).not.toBe(resultId('r', 'PC2'));
});

test.each([
  ['90s', 90],
  ['1h30m', 5400],
  ['7d', 604_800],
  ['500ms', 0.5],
])('%s is %d seconds', (text, seconds) => {
  expect(parseDuration('timeout', text)).toBe(seconds);
});

test('a duration out of range is told the range in words an admin would use', () => {
  expect([0, 1, 90, 120, 3600, 604_800].map(durationText)).toEqual(['0s', '1s', '90s', '2m', '1h', '7d']);
  expect(parseDurationWithin('timeout', '7d', 1, 604_800)).toBe(604_800);
  expect(() => parseDurationWithin('timeout', '8d', 1, 604_800)).toThrow('timeout "8d" is not within 1s to 7d');
});

test.each(['', '5', '5 m', '-5m', '1.5h', 'soon', '5y', '5m!'])('%j is no duration, and the field is named', (text) => {
  expect(() => parseDuration('timeout', text)).toThrow(/^timeout /);
});

test('subjects are read with the pc folded, and only in their exact form', () => {
  expect(commandAddressee('commands.pc.pc-1.e')).toEqual({ kind: 'pc', pc: 'PC-1' });
  expect(commandAddressee('commands.group.Lab')).toEqual({ kind: 'group', group: 'Lab' });
  expect(commandAddressee('commands.group.lab.e')).toBeUndefined();
  expect(execAndPc('results.e1.pc1', 'results')).toEqual({ exec: 'e1', pc: 'PC1' });
  expect(execAndPc('results.e1', 'results')).toBeUndefined();
  expect(execAndPc('events.started.e1.pc1.x', 'events.started')).toBeUndefined();
});

test("durables keep the seeds' names and filter on what concerns the PC", () => {
  expect(replayDurable('MINIPC-01')).toBe('agent_replay_MINIPC-01');
  expect(replayFilters('PC1', ['b', 'a'])).toEqual([
    'commands.all',
    'commands.all.*',
    'commands.group.a',
    'commands.group.b',
    'commands.pc.PC1',
    'commands.pc.PC1.*',
  ]);
});

test('stream and bucket names are unique and safe', () => {
  const names = [...Object.values(STREAMS).map((s) => s.name), ...Object.values(BUCKETS).map((b) => `KV_${b.name}`)];
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]+$/);
});

test('a reader tolerates what it does not know, and says where something is wrong', () => {
  const started = {
    result_id: 'r',
    request_id: 'q',
    exec_id: 'e',
    pc_id: 'p',
    started_at: '2026-05-20T12:00:00.123456789Z',
    manifest_id: 'm',
    version: '1',
  };
  expect(decode(EventStarted, encode({ ...started, later: true }))).toMatchObject(started);
  expect(() => decode(EventStarted, encode({ ...started, started_at: 'noon', pc_id: 'a b' }))).toThrow(/\/pc_id.*\/started_at/s);
  expect(() => decode(Command, encode({ id: 1 }))).toThrow('/id');
});

test('an acknowledgement subject is read in its old and its new form', () => {
  const expected = { stream: 'EXEC', consumer: 'c', deliveries: 2, seq: 41, delivery: 7, stored: 1_700_000_000_000, pending: 5 };
  expect(parseAckSubject('$JS.ACK.EXEC.c.2.41.7.1700000000000000000.5')).toEqual(expected);
  expect(parseAckSubject('$JS.ACK.domain.acct.EXEC.c.2.41.7.1700000000000000000.5')).toEqual(expected);
  expect(parseAckSubject('$JS.ACK.domain.acct.EXEC.c.2.41.7.1700000000000000000.5.token')).toEqual(expected);
  expect(parseAckSubject('_INBOX.x')).toBeUndefined();
});
