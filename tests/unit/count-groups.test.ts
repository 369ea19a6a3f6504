import { expect, test } from 'vitest';
import { countGroups } from '#backend/agents/count-groups.ts';
import { groupSet } from '#backend/agents/groups.ts';

test('a group is counted once however its members spell it, under the spelling of the first by pc_id', () => {
  const memberships = [
    { pc: 'PC2', groups: ['LAB', 'front'] },
    { pc: 'PC1', groups: ['Lab', 'lab'] },
    { pc: 'PC3', groups: ['lab'] },
  ];
  expect(countGroups(memberships)).toEqual([
    { group: 'front', members: 1 },
    { group: 'Lab', members: 3 },
  ]);
});

test('a PC is in a group once, and two spellings of one name, and dynamic groups, are refused where they stand', () => {
  expect(groupSet(['zulu', 'alpha', 'zulu'])).toEqual(['alpha', 'zulu']);
  expect(() => groupSet(['Lab', 'front', 'lab'])).toThrow(
    expect.objectContaining({ code: 'invalid_body', faults: [expect.objectContaining({ pointer: '/groups/2' })] }),
  );
  expect(() => groupSet(['front', 'Lab'], (group) => group === 'Lab')).toThrow(
    expect.objectContaining({ code: 'invalid_body', faults: [expect.objectContaining({ pointer: '/groups/1' })] }),
  );
});
