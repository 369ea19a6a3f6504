import { expect, test } from 'vitest';
import { chunkName, subjectOf } from '#core/agent/outbox/subject-of.ts';
import { encode } from '#core/contract/codec.ts';

const at = '2026-05-20T12:00:00.000Z';
const ids = { result_id: 'r1', request_id: 'q1', exec_id: 'x1', pc_id: 'PC1', manifest_id: 'ad-hoc', version: '1' };

test('each stored message names its own subject', () => {
  expect(subjectOf('events', 'r1', encode({ ...ids, started_at: at }), 'PC1')).toBe('events.started.x1.PC1');
  expect(subjectOf('events', 'e1', encode({ event_id: 'e1', pc_id: 'PC1', kind: 'refused', at }), 'PC1')).toBe('events.agent.refused.PC1');
  const result = { ...ids, exit_code: 0, outcome: 'succeeded', stdout: '', stderr: '', stdout_bytes: 0, stderr_bytes: 0 };
  expect(subjectOf('results', 'r1', encode({ ...result, started_at: at, finished_at: at }), 'PC1')).toBe('results.x1.PC1');
  expect(subjectOf('output', chunkName('r1', 'stderr', 12), new Uint8Array([255]), 'PC1')).toBe('output.PC1.r1.stderr.12');
});

test('a section of the inventory names its own', () => {
  const section = { pc_id: 'PC1', section: 'os', collected_at: at, hash: 'h', data: {}, faults: [] };
  expect(subjectOf('inventory', 'os', encode(section), 'PC1')).toBe('inventory.PC1.os');
});

test.each([
  ['inventory', 'os', '{}'],
  ['inventory', 'os', `{"pc_id":"PC1","section":"a.b","collected_at":"${at}","hash":"h","data":null,"faults":[]}`],
  ['events', 'r1', '{"result_id": "r1"'],
  ['events', 'r1', '{"result_id": "r1"}'],
  ['events', 'e1', '{"event_id": "e1"}'],
  ['events', 'r1', ''],
  ['events', 'r1', 'null'],
  ['results', 'r1', '{}'],
  ['output', 'r1.stdout', 'x'],
  ['output', 'r 1.stdout.1', 'x'],
] as const)('%s/%s %j is unreadable', (kind, name, text) => {
  expect(() => subjectOf(kind, name, new TextEncoder().encode(text), 'PC1')).toThrow(expect.objectContaining({ code: 'bad_message' }));
});
