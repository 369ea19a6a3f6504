import type { AgentEntry } from '#core/contract/registry.ts';
import type { Beat } from './beats.ts';

/** One PC as the API shows it; what is not known is null. */
export interface AgentView {
  pc_id: string;
  online: boolean;
  last_heartbeat: string | null;
  version: string | null;
  os: string | null;
  hostname: string | null;
  tz: string | null;
  groups: readonly string[];
  enrolled_at: string;
  first_seen: string;
  last_seen: string;
  retired_at: string | null;
  outbox_depth: number | null;
  stuck: number | null;
  corrupt: number | null;
  pending: number | null;
  running: readonly string[];
  replay_state: string | null;
  clock_offset_ms: number | null;
  rss_bytes: number | null;
  cpu_pct: number | null;
  uptime_secs: number | null;
  /** When its inventory was last collected whole. */
  inventory_at: string | null;
  problems: readonly { code: string; detail: string }[];
  /** Two PCs answer to this id. */
  conflict: boolean;
}

export function agentView(
  entry: AgentEntry,
  groups: readonly string[],
  beat: Beat | undefined,
  { online, conflict }: { online: boolean; conflict: boolean },
): AgentView {
  const h = beat?.heartbeat;
  return {
    pc_id: entry.pc_id,
    online,
    last_heartbeat: beat?.heardAt ?? null,
    version: h?.version ?? entry.version ?? null,
    os: h?.os ?? entry.os ?? null,
    hostname: h?.hostname ?? entry.hostname ?? null,
    tz: h?.tz ?? entry.tz ?? null,
    groups,
    enrolled_at: entry.enrolled_at,
    first_seen: entry.first_seen,
    last_seen: beat?.heardAt ?? entry.last_seen,
    retired_at: entry.retired_at ?? null,
    outbox_depth: h?.outbox_depth ?? null,
    stuck: h?.stuck ?? null,
    corrupt: h?.corrupt ?? null,
    pending: h?.pending ?? null,
    running: h?.running ?? [],
    replay_state: h?.replay?.state ?? null,
    clock_offset_ms: h?.clock_offset_ms ?? null,
    rss_bytes: h?.rss_bytes ?? null,
    cpu_pct: h?.cpu_pct ?? null,
    uptime_secs: h?.uptime_secs ?? null,
    inventory_at: h?.inventory_at ?? null,
    problems: h?.problems ?? [],
    conflict,
  };
}
