import { setTimeout as sleep } from 'node:timers/promises';
import type { PendingEnrolment } from '#core/contract/enrolment.ts';
import { messageOf } from '#core/contract/errors.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import { kvDelete } from '#core/nats/kv.ts';
import { type RetireContext, retire } from '../agents/retire.ts';
import { writeAudit } from '../audit/write-audit.ts';
import type { JoiningParts } from '../joining/context.ts';
import type { EnrolmentParts } from './context.ts';
import { dropWaiting, readable } from './pending.ts';
import { ENROLMENT } from './say.ts';

type DutiesContext = RetireContext & { enrolment: EnrolmentParts; joining: Pick<JoiningParts, 'codes'> | undefined };

/** Milliseconds. */
const LOOK_EVERY = 60_000;
const DAY = 86_400_000;
/** What is over is kept for so long, so that somebody can look it up. */
const KEPT = 30 * DAY;
/** Keys that were denied which are remembered. */
const DENIED_MAX = 10_000;
/** `last_seen` of a PC that may be retired for its silence is older than the truth by less than this (agents/enrol.ts). */
const SEEN_LATE = 3600_000;

/** Lease holder only: what the registry says of keys is so at the broker, PCs that were to come and go have gone, and nothing is kept for ever. */
export async function runEnrolmentDuties(ctx: DutiesContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    for (const duty of [keepRevoked, retireSilent, sweep]) {
      try {
        await duty(ctx, signal);
      } catch (error) {
        if (!signal.aborted)
          ctx.log.warn({ duty: duty.name, error: messageOf(error) }, 'identities could not be looked after: trying again');
      }
    }
    await sleep(LOOK_EVERY, undefined, { signal }).catch(() => {});
  }
}

/** The keys of this entry that open nothing. Pure. */
export function revokedKeys({ public_key, former_keys = [], retired_at, revoked_at }: AgentEntry): string[] {
  const ended = public_key !== undefined && (retired_at !== undefined || revoked_at !== undefined);
  return ended ? [...former_keys, public_key] : former_keys;
}

async function keepRevoked({ agents, enrolment }: DutiesContext, signal: AbortSignal): Promise<void> {
  const { issuer } = enrolment.identity;
  for (const { entry } of agents.entries()) {
    for (const publicKey of revokedKeys(entry)) {
      if (signal.aborted) return;
      if (!issuer.isRevoked(publicKey)) await issuer.revoke({ publicKey, pcId: entry.pc_id, by: 'the registry' });
    }
  }
}

/** Whether it has been silent for as long as its token allowed. Pure. */
export function isOver(
  { ephemeral_days, last_seen }: Pick<AgentEntry, 'ephemeral_days' | 'last_seen'>,
  heardAt: string | undefined,
  now: number,
): boolean {
  if (ephemeral_days === undefined) return false;
  return now - Date.parse(heardAt ?? last_seen) >= ephemeral_days * DAY + SEEN_LATE;
}

async function retireSilent(ctx: DutiesContext, signal: AbortSignal): Promise<void> {
  const { agents, clock } = ctx;
  for (const { entry } of [...agents.entries()]) {
    const { pc_id: pc } = entry;
    const heardAt = agents.beats.get(pc)?.heardAt;
    // One that was revoked waits for an admin.
    if (entry.retired_at !== undefined || entry.revoked_at !== undefined || !isOver(entry, heardAt, clock()) || !agents.beats.off(pc))
      continue;
    if (signal.aborted) return;
    const { settled } = await retire(ctx, { pc, actor: ENROLMENT.name, by: 'ephemeral' });
    const draft = {
      target: `agents/${pc}`,
      before: { last_seen: heardAt ?? entry.last_seen, ephemeral_days: entry.ephemeral_days },
      after: { settled },
    };
    await writeAudit(ctx, { actor: ENROLMENT, action: 'agent_retire', draft, result: 'ok', requestId: ctx.newId(), sourceIp: undefined });
  }
}

async function sweep(ctx: DutiesContext): Promise<void> {
  const { nats, clock, enrolment, joining } = ctx;
  const before = clock() - KEPT;
  for (const { id, revoked_at, expires_at } of enrolment.tokens.list()) {
    // Whoever began to wait while it was revoked.
    if (revoked_at !== undefined) await dropWaiting(ctx, id);
    if (Math.min(Date.parse(revoked_at ?? expires_at), Date.parse(expires_at)) < before) await enrolment.tokens.forget(id);
  }
  for (const { id, expires_at, revoked_at, used_at } of joining?.codes.list() ?? []) {
    if (Date.parse(used_at ?? revoked_at ?? expires_at) < before) await joining?.codes.forget(id);
  }
  const denied: ReturnType<typeof kept>[] = [];
  for (const one of [...readable(ctx)]) {
    if (kept(one).since < before) await kvDelete(nats, 'enrolments', one.key, one.revision);
    else if (one.pending.state === 'denied') denied.push(kept(one));
  }
  // Whoever comes with ever new keys and is denied each time must not fill the bucket: the oldest may ask again.
  const surplus = denied.sort((a, b) => b.since - a.since).slice(DENIED_MAX);
  for (const { key, revision } of surplus) await kvDelete(nats, 'enrolments', key, revision);
}

function kept({ key, revision, pending: { decided_at, requested_at } }: { key: string; revision: number; pending: PendingEnrolment }) {
  return { key, revision, since: Date.parse(decided_at ?? requested_at) };
}
