import type { Hardware } from '#core/contract/enrolment.ts';
import type { Heartbeat } from '#core/contract/heartbeat.ts';
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
  /** DOMAIN\user of who works at it; empty when nobody does. */
  logged_on_user: string | null;
  /** Why it wants to be restarted; none when it does not. */
  pending_reboot: readonly string[] | null;
  /** null also where there is no Defender. */
  defender: DefenderView | null;
  problems: readonly { code: string; detail: string }[];
  /** Two PCs answer to this id. */
  conflict: boolean;
  identity: IdentityState;
  public_key: string | null;
  hardware: Hardware | null;
  /** Which enrolment token let it in. */
  token_id: string | null;
  /** When its credential was renewed, to half a day. */
  renewed_at: string | null;
  /** It is retired once it has been silent for so many days. */
  ephemeral_days: number | null;
  /** What the PC is called that had this name. */
  renamed_to: string | null;
}

export interface DefenderView {
  real_time_protection: boolean | null;
  tamper_protected: boolean | null;
  signature_age_days: number | null;
}

/** `none`: it never had a key, as in open mode. `lapsed`: its credential has run out, and it has not come for another. */
export const IDENTITY_STATES = ['none', 'active', 'lapsed', 'revoked'] as const;
export type IdentityState = (typeof IDENTITY_STATES)[number];

/** Milliseconds: a credential opens the broker for 30 days, and when it was renewed is known to half a day. */
const LAPSES_AFTER = 30.5 * 86_400_000;

export function identityState({ public_key, retired_at, revoked_at, renewed_at, enrolled_at }: AgentEntry, now: number): IdentityState {
  if (public_key === undefined) return 'none';
  if (retired_at !== undefined || revoked_at !== undefined) return 'revoked';
  return now - Date.parse(renewed_at ?? enrolled_at) > LAPSES_AFTER ? 'lapsed' : 'active';
}

export function agentView(
  entry: AgentEntry,
  groups: readonly string[],
  beat: Beat | undefined,
  { online, conflict, now }: { online: boolean; conflict: boolean; now: number },
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
    logged_on_user: h?.logged_on_user ?? null,
    pending_reboot: h?.pending_reboot ?? null,
    defender: defenderView(h?.defender),
    problems: h?.problems ?? [],
    conflict,
    identity: identityState(entry, now),
    public_key: entry.public_key ?? null,
    hardware: entry.hardware ?? null,
    token_id: entry.token_id ?? null,
    renewed_at: entry.renewed_at ?? null,
    ephemeral_days: entry.ephemeral_days ?? null,
    renamed_to: entry.renamed_to ?? null,
  };
}

function defenderView(said: Heartbeat['defender']): DefenderView | null {
  if (said === undefined) return null;
  const { real_time_protection = null, tamper_protected = null, signature_age_days = null } = said;
  return { real_time_protection, tamper_protected, signature_age_days };
}
