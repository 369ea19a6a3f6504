import { foldGroup } from '#core/contract/ids.ts';
import type { AgentView, IdentityState } from '../agents/agent-view.ts';
import { smallest } from './smallest.ts';

export const AGENT_SORTS = [
  'pc_id',
  'hostname',
  'online',
  'last_heartbeat',
  'version',
  'os',
  'outbox_depth',
  'stuck',
  'clock_offset_ms',
  'uptime_secs',
  'enrolled_at',
] as const;
export type AgentSort = (typeof AGENT_SORTS)[number];

export interface AgentFilter {
  online?: boolean;
  /** Without case. */
  group?: string;
  /** Part of the name, without case. */
  os?: string;
  version?: string;
  /** Part of pc_id or host name, without case. */
  q?: string;
  /** Part of who works at it, without case. */
  logged_on_user?: string;
  /** Wants to be restarted. PCs that do not say are in neither list. */
  pending_reboot?: boolean;
  /** What Defender says of itself; likewise. */
  real_time_protection?: boolean;
  /** Has files in its outbox that cannot be sent. */
  stuck?: boolean;
  identity?: IdentityState;
  /** Came in by this enrolment token. */
  token_id?: string;
  /** Only the retired ones; without it, only the others. */
  retired?: boolean;
}

type SortValue = string | number | boolean | null;
/** Where a page ended: the sort value of its last row, and its pc_id. */
export type AgentPosition = readonly [SortValue, string];

/** One page. Pure: `all` in any order; ties go by pc_id, and what is not known sorts before everything else. */
export function listAgents(
  all: readonly AgentView[],
  o: { filter: AgentFilter; sort: AgentSort; descending: boolean; after?: AgentPosition; limit: number },
): { items: AgentView[]; next: AgentPosition | undefined } {
  const { sort, after, limit } = o;
  const sign = o.descending ? -1 : 1;
  const matches = matcher(o.filter);
  const rows = all.filter((agent) => matches(agent) && (after === undefined || sign * compare(agent[sort], agent.pc_id, ...after) > 0));
  const items = smallest(rows, limit + 1, (a, b) => sign * compare(a[sort], a.pc_id, b[sort], b.pc_id));
  if (items.length <= limit) return { items, next: undefined };
  items.pop();
  const last = items.at(-1)!;
  return { items, next: [last[sort], last.pc_id] };
}

function compare(a: SortValue, pcA: string, b: SortValue, pcB: string): number {
  if (a === b) return pcA < pcB ? -1 : pcA > pcB ? 1 : 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}

function matcher(filter: AgentFilter): (agent: AgentView) => boolean {
  const { online, version, stuck, identity, token_id, pending_reboot, real_time_protection, retired = false } = filter;
  const group = filter.group === undefined ? undefined : foldGroup(filter.group);
  const os = filter.os?.toLowerCase();
  const user = filter.logged_on_user?.toLowerCase();
  const q = filter.q?.toUpperCase();
  return (agent) =>
    (agent.retired_at !== null) === retired &&
    (online === undefined || agent.online === online) &&
    (group === undefined || agent.groups.some((one) => foldGroup(one) === group)) &&
    (identity === undefined || agent.identity === identity) &&
    (token_id === undefined || agent.token_id === token_id) &&
    (version === undefined || agent.version === version) &&
    (stuck === undefined || (agent.stuck ?? 0) > 0 === stuck) &&
    (os === undefined || (agent.os ?? '').toLowerCase().includes(os)) &&
    (user === undefined || (agent.logged_on_user ?? '').toLowerCase().includes(user)) &&
    (pending_reboot === undefined || (agent.pending_reboot !== null && agent.pending_reboot.length > 0 === pending_reboot)) &&
    (real_time_protection === undefined || agent.defender?.real_time_protection === real_time_protection) &&
    // A pc_id is upper case already.
    (q === undefined || agent.pc_id.includes(q) || (agent.hostname ?? '').toUpperCase().includes(q));
}
