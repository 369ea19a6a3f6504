import { expect, test } from 'vitest';
import type { AgentView } from '#backend/agents/agent-view.ts';
import { AGENT_SORTS, type AgentFilter, type AgentPosition, listAgents } from '#backend/http/agents-list.ts';

function agent(pc_id: string, more: Partial<AgentView> = {}): AgentView {
  const at = '2026-01-01T00:00:00.000Z';
  return {
    pc_id,
    online: false,
    last_heartbeat: null,
    version: null,
    os: null,
    hostname: null,
    tz: null,
    groups: [],
    enrolled_at: at,
    first_seen: at,
    last_seen: at,
    retired_at: null,
    outbox_depth: null,
    stuck: null,
    corrupt: null,
    pending: null,
    running: [],
    replay_state: null,
    clock_offset_ms: null,
    rss_bytes: null,
    cpu_pct: null,
    uptime_secs: null,
    inventory_at: null,
    logged_on_user: null,
    pending_reboot: null,
    defender: null,
    problems: [],
    conflict: false,
    identity: 'active',
    public_key: null,
    hardware: null,
    token_id: null,
    renewed_at: null,
    ephemeral_days: null,
    renamed_to: null,
    ...more,
  };
}

const names = (all: AgentView[], filter: AgentFilter) =>
  listAgents(all, { filter, sort: 'pc_id', descending: false, limit: 100 }).items.map((one) => one.pc_id);

test('filters narrow the list and retired PCs are shown only when asked for', () => {
  const all = [
    agent('A', { online: true, groups: ['lab'], os: 'Windows 11', version: '1.0', hostname: 'reception' }),
    agent('B', { groups: ['lab', 'pilot'], os: 'Windows 10', stuck: 2 }),
    agent('C', { retired_at: '2026-02-01T00:00:00.000Z', groups: ['lab'] }),
  ];
  expect(names(all, {})).toEqual(['A', 'B']);
  expect(names(all, { retired: true })).toEqual(['C']);
  expect(names(all, { online: true })).toEqual(['A']);
  expect(names(all, { online: false })).toEqual(['B']);
  expect(names(all, { group: 'pilot' })).toEqual(['B']);
  expect(names(all, { os: 'windows' })).toEqual(['A', 'B']);
  expect(names(all, { version: '1.0' })).toEqual(['A']);
  expect(names(all, { q: 'RECEP' })).toEqual(['A']);
  expect(names(all, { stuck: true })).toEqual(['B']);
  expect(names(all, { stuck: false, group: 'lab' })).toEqual(['A']);
});

test.each(
  AGENT_SORTS.flatMap((sort) => [[sort, false] as const, [sort, true] as const]),
)('paging by %s (descending: %s) shows every PC once, in the order of the whole list', (sort, descending) => {
  const all = Array.from({ length: 97 }, (_, i) =>
    agent(`PC${(i * 31) % 97}`, {
      online: i % 3 === 0,
      hostname: i % 5 === 0 ? null : `host${i % 7}`,
      version: i % 4 === 0 ? null : `1.${i % 3}`,
      os: `os${i % 2}`,
      last_heartbeat: i % 6 === 0 ? null : `2026-01-0${(i % 9) + 1}T00:00:00.000Z`,
      outbox_depth: i % 8,
      stuck: i % 2 === 0 ? null : i % 3,
      clock_offset_ms: -(i % 11),
      uptime_secs: i,
    }),
  );
  const whole = listAgents(all, { filter: {}, sort, descending, limit: 1000 });
  expect(whole.next).toBeUndefined();
  const paged: string[] = [];
  let after: AgentPosition | undefined;
  do {
    const page = listAgents(all, { filter: {}, sort, descending, after, limit: 10 });
    paged.push(...page.items.map((one) => one.pc_id));
    after = page.next;
  } while (after);
  expect(paged).toEqual(whole.items.map((one) => one.pc_id));
  expect(new Set(paged).size).toBe(97);
});
