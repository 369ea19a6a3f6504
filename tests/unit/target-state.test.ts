import { expect, test } from 'vitest';
import { isFinal, stateAtRead, type TargetFacts, targetState } from '#core/contract/target-state.ts';

test.each<[string, TargetFacts, string]>([
  ['nothing said', {}, 'queued'],
  ['started', { startedRecorded: 1 }, 'running'],
  ['cancelled before it started', { cancelledRecorded: 1 }, 'cancelled'],
  ['superseded before it started', { cancelledRecorded: 1, cancelReason: 'superseded' }, 'skipped'],
  ['superseded while it runs: it runs on', { startedRecorded: 1, cancelledRecorded: 2, cancelReason: 'superseded' }, 'running'],
  ['superseded, and the PC ran it all the same', { cancelledRecorded: 1, cancelReason: 'superseded', outcome: 'succeeded' }, 'succeeded'],
  ['cancelled while it runs: the agent will say how it ended', { startedRecorded: 1, cancelledRecorded: 2 }, 'running'],
  ['started after we gave it up', { lostRecorded: 1, startedRecorded: 2 }, 'running'],
  ['given up after it started', { startedRecorded: 1, lostRecorded: 2 }, 'lost'],
  ['a late result wins over lost', { startedRecorded: 1, lostRecorded: 2, outcome: 'succeeded' }, 'succeeded'],
  ['a late result wins over cancelled', { cancelledRecorded: 1, outcome: 'failed' }, 'failed'],
  ['skipped because cancelled', { outcome: 'skipped', reason: 'cancelled' }, 'cancelled'],
  ['skipped because expired', { outcome: 'skipped', reason: 'expired' }, 'expired'],
  ['skipped otherwise', { outcome: 'skipped', reason: 'revoked' }, 'skipped'],
  ['a PC reimaged before it started', { outcome: 'skipped', reason: 'issued_before_enrolment' }, 'skipped'],
  ['a PC reimaged while it ran', { startedRecorded: 1, outcome: 'skipped', reason: 'issued_before_enrolment' }, 'unknown'],
])('%s', (_, facts, state) => {
  expect(targetState(facts)).toBe(state);
});

test('queued becomes expired at its expiry, when it is read', () => {
  expect(stateAtRead('queued', 1000, 999)).toBe('queued');
  expect(stateAtRead('queued', 1000, 1000)).toBe('expired');
  expect(stateAtRead('running', 1000, 2000)).toBe('running');
});

test('only queued and running are not final', () => {
  expect(isFinal('queued') || isFinal('running')).toBe(false);
  expect(isFinal('lost') && isFinal('expired') && isFinal('skipped')).toBe(true);
});
