import { expect, test } from 'vitest';
import { Agents } from '#backend/agents/agents.ts';
import { resolveTarget } from '#backend/exec/resolve-target.ts';
import { DynamicGroups, readGroup } from '#backend/inventory/dynamic-groups.ts';
import { Roster } from '#backend/scheduler/roster.ts';
import { encode } from '#core/contract/codec.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import type { Nats } from '#core/nats/connection.ts';
import { quietLog } from '#tests/support/quiet-log.ts';

const at = '2026-11-21T10:00:00Z';
const { signal } = new AbortController();

function define(groups: DynamicGroups, group: string, revision: number, ...query: string[]): void {
  const key = group.toLowerCase();
  groups.all.accept(key, readGroup(encode({ group, query, updated_at: at, updated_by: 'admin' }), key), revision);
}

function fleet(groups: DynamicGroups, ...pcs: string[]): Agents {
  const agents = new Agents({ nats: {} as Nats, clock: Date.now, mono: () => 0, log: quietLog, dynamic: groups });
  for (const [n, pc] of pcs.entries())
    agents.accept({ pc_id: pc, enrolled_at: at, first_seen: at, last_seen: at } satisfies AgentEntry, n + 1);
  return agents;
}

const notReady = expect.objectContaining({ code: 'not_ready' });

test('nobody is told who is in a group before it is known, nor when it means something else by now', () => {
  const groups = new DynamicGroups();
  const agents = fleet(groups, 'PC1', 'PC2');
  expect(agents.members('Old')).toEqual([]);
  define(groups, 'Old', 1, 'os.build<22000');
  const asked = () => [
    agents.members('old'),
    new Roster(agents).members({ groups: ['OLD'] }),
    resolveTarget(agents, { groups: ['old'] }).pcs,
  ];
  expect(() => agents.members('OLD')).toThrow(notReady);
  expect(() => new Roster(agents).members({ groups: ['old'], pcs: ['PC2'] })).toThrow(notReady);
  expect(() => resolveTarget(agents, { groups: ['old'], pcs: ['PC2'] })).toThrow(notReady);
  expect(agents.allGroupsOf('PC1')).toEqual([]);

  const [first] = groups.unfound();
  groups.setMembers(first!, new Set(['PC1', 'GONE']));
  expect(asked()).toEqual([['PC1'], ['PC1'], ['PC1']]);
  expect(agents.allGroupsOf('PC1')).toEqual(['Old']);

  define(groups, 'OLD', 2, 'os.build<19000');
  expect(asked).toThrow(notReady);
  expect(agents.allGroupsOf('PC1')).toEqual([]);
  // What was found for the definition before.
  groups.setMembers(first!, new Set(['PC1']));
  groups.setMember('PC1', [{ ...first!, meant: true }]);
  expect(asked).toThrow(notReady);
  groups.setMembers(groups.unfound()[0]!, new Set(['PC2']));
  groups.setMember('PC1', [{ ...first!, meant: true }]);
  expect(asked()).toEqual([['PC2'], ['PC2'], ['PC2']]);
});

test('a PC that comes, goes or is retired is in a group or not from then on, and whoever waits for that is told', () => {
  const groups = new DynamicGroups();
  const agents = fleet(groups, 'PC1', 'PC2');
  let changes = 0;
  define(groups, 'a', 1, 'os.build=1');
  define(groups, 'b', 2, 'os.build=2');
  for (const group of groups.unfound()) groups.setMembers(group, new Set());
  agents.onDynamic(() => changes++, signal);
  const [a, b] = groups.found();
  groups.setMember('PC1', [
    { ...a!, meant: true },
    { ...b!, meant: true },
  ]);
  expect([agents.members('a'), agents.members('b'), agents.allGroupsOf('PC1'), changes]).toEqual([['PC1'], ['PC1'], ['a', 'b'], 1]);
  agents.acceptGroups('PC1', ['Zulu', 'lab']);
  expect([agents.allGroupsOf('PC1'), agents.groupsOf('PC1')]).toEqual([
    ['Zulu', 'a', 'b', 'lab'],
    ['Zulu', 'lab'],
  ]);
  groups.setMember('PC1', [{ ...a!, meant: true }]);
  groups.setMembers(b!, new Set(['PC1']));
  expect(changes).toBe(1);
  groups.setMember('PC1', [{ ...a!, meant: false }]);
  expect([agents.members('a'), agents.get('PC1')!.groups, changes]).toEqual([[], ['Zulu', 'b', 'lab'], 2]);

  agents.accept({ pc_id: 'PC1', enrolled_at: at, first_seen: at, last_seen: at, retired_at: at }, 9);
  expect([agents.members('b'), agents.get('PC1')!.groups]).toEqual([[], ['Zulu', 'lab']]);
  expect(() => resolveTarget(agents, { groups: ['b'] })).toThrow(expect.objectContaining({ code: 'target_empty' }));
});

test('a definition that is none is refused by what is wrong with it', () => {
  const read = (body: object) => () =>
    readGroup(encode({ group: 'Lab', query: ['os.build=1'], updated_at: at, updated_by: 'a', ...body }), 'lab');
  expect(read({})().sections).toEqual(new Set(['os']));
  expect(read({ group: 'other' })).toThrow(/other/);
  expect(read({ query: [] })).toThrow(/query/);
  expect(read({ query: ['os.build=1', 'nonsense'] })).toThrow(/nonsense/);
});
