import { expect, test } from 'vitest';
import { Beats } from '#backend/agents/beats.ts';
import { decideEnrolment, isAlive, reenrolled } from '#backend/agents/decide-enrolment.ts';
import type { AgentEntry } from '#core/contract/registry.ts';

const at = '2026-11-01T00:00:00.000Z';
const entry: AgentEntry = { pc_id: 'PC1', enrolled_at: at, first_seen: at, last_seen: at, ledger_id: 'new', earlier_ledger_ids: ['old'] };

test.each([
  ['an unknown PC is enrolled', undefined, 'x', 'enrol'],
  ['the enrolled ledger is known', entry, 'new', 'known'],
  ['another ledger is asked about', entry, 'third', 'ask'],
  ['a ledger that was replaced has come back', entry, 'old', 'conflict'],
  ['a retired PC stays retired', { ...entry, retired_at: at }, 'new', 'retired'],
  ['a heartbeat without a ledger says nothing', entry, undefined, 'known'],
] as const)('%s', (_, known, ledger, kind) => {
  expect(decideEnrolment(known as AgentEntry | undefined, ledger).kind).toBe(kind);
});

test('a newcomer replaces a ledger that no longer answers, not one that does', () => {
  expect(isAlive(entry, ['third'])).toBe(false);
  expect(isAlive(entry, ['third', 'new'])).toBe(true);
});

test('enrolled again means a new time and a new ledger, with the old one remembered', () => {
  const again = reenrolled(entry, 'third', '2026-11-21T00:00:00.000Z');
  expect(again).toMatchObject({
    ledger_id: 'third',
    earlier_ledger_ids: ['old', 'new'],
    enrolled_at: '2026-11-21T00:00:00.000Z',
    first_seen: at,
  });
});

test('a restarted agent is no copy; two that take turns are', () => {
  const beats = new Beats(
    () => 0,
    () => 0,
  );
  const beat = (instance: string) => beats.take({ pc_id: 'PC1', at, ledger_id: 'l', instance });
  expect([beat('a'), beat('a'), beat('b'), beat('b')]).toEqual([false, false, false, false]);
  expect([beat('a'), beat('b'), beat('b')]).toEqual([true, true, false]);
});

test('a PC is online for 90 s after a heartbeat, and not after its last word', () => {
  let now = 0;
  const beats = new Beats(
    () => now,
    () => 0,
  );
  beats.take({ pc_id: 'PC1', at });
  now = 89_999;
  expect(beats.online('PC1')).toBe(true);
  expect([beats.off('PC1'), beats.off('NEVER')]).toEqual([false, false]);
  now = 90_000;
  expect(beats.online('PC1')).toBe(false);
  expect([beats.off('PC1'), beats.off('NEVER')]).toEqual([true, true]);
  beats.take({ pc_id: 'PC1', at, stopping: true });
  expect(beats.online('PC1')).toBe(false);
});

test('while the enrolled PC is about, another under its id is known and not shown', () => {
  let now = 0;
  const beats = new Beats(
    () => now,
    () => 0,
  );
  beats.take({ pc_id: 'PC1', at, ledger_id: 'mine', instance: 'a' }, 'mine');
  beats.take({ pc_id: 'PC1', at, ledger_id: 'other', instance: 'b' }, 'mine');
  expect([beats.get('PC1')?.heartbeat.ledger_id, beats.hasRival('PC1', 'mine')]).toEqual(['mine', true]);
  beats.take({ pc_id: 'PC1', at, ledger_id: 'other', instance: 'b', stopping: true }, 'mine');
  expect([beats.online('PC1'), beats.hasRival('PC1', 'mine')]).toEqual([true, false]);
  now = 90_000;
  expect(beats.heardLately('PC1', 'mine')).toBe(false);
  beats.take({ pc_id: 'PC1', at, ledger_id: 'other', instance: 'b' }, 'mine');
  expect(beats.get('PC1')?.heartbeat.ledger_id).toBe('other');
});

test('of ledgers that somebody makes up few are remembered, and the enrolled one among them', () => {
  const beats = new Beats(
    () => 0,
    () => 0,
  );
  beats.take({ pc_id: 'PC1', at, ledger_id: 'mine' }, 'mine');
  for (let i = 0; i < 100; i++) beats.take({ pc_id: 'PC1', at, ledger_id: `l${i}` }, 'mine');
  expect([...beats.get('PC1')!.ledgers.keys()]).toEqual(['mine', 'l97', 'l98', 'l99']);
});
