import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { type Schedule, StoredSchedule } from '#core/contract/schedule.ts';
import { isSealFault } from '#core/contract/sealed.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet, kvRevision, lastOnSubject } from '#core/nats/direct-get.ts';
import { kvCompareAndSet, kvDelete } from '#core/nats/kv.ts';
import { keptSource } from '../schema/yaml.ts';
import { withEnabled } from './schedule-yaml.ts';

export interface ScheduleStoreContext {
  nats: Nats;
  clock: () => number;
}

export interface KeptSchedule {
  stored: StoredSchedule;
  revision: number;
}

/** Undefined when there is none; `schedule_corrupt` when what is there cannot be read. */
export async function getSchedule({ nats }: ScheduleStoreContext, id: string): Promise<KeptSchedule | undefined> {
  try {
    const found = await kvGet(nats, 'schedules', id);
    return found && { stored: decode(StoredSchedule, found.value), revision: found.revision };
  } catch (cause) {
    if (!isSealFault(cause) && !(cause instanceof KanadeError && cause.code === 'bad_message')) throw cause;
    throw new KanadeError('schedule_corrupt', `what is stored of schedule ${id} cannot be read: put it again`, { cause });
  }
}

/** The revision something is at, whether or not it can be read; 0 = nothing there. */
export async function revisionOf({ nats }: ScheduleStoreContext, id: string): Promise<number> {
  return kvRevision(nats, 'schedules', id);
}

/** Stores a schedule. `expected` is the revision it must be at (0 = nothing there), undefined = whatever. */
export async function putSchedule(
  { nats, clock }: ScheduleStoreContext,
  o: { schedule: Schedule; source: string | null; actor: string; expected: number | undefined },
): Promise<{ revision: number; created: boolean }> {
  const { schedule, actor, expected } = o;
  const source = keptSource(o.source);
  const now = instant(clock());
  const entry: StoredSchedule = { schedule, source, changed_at: now, updated_at: now, updated_by: actor };
  const before = await lastOnSubject(nats, 'KV_schedules', `$KV.schedules.${schedule.id}`);
  const there = before !== undefined && !before.deleted;
  if (expected !== undefined && expected !== (there ? before.revision : 0))
    throw new KanadeError('precondition_failed', `schedule ${schedule.id} was changed meanwhile`);
  const revision = await kvCompareAndSet(nats, 'schedules', schedule.id, encode(entry), before?.revision ?? 0);
  return { revision, created: !there };
}

/**
 * Enables or disables. Enabling counts as a change: what was due while it was disabled is not made up for, and what had
 * failed too often is tried anew.
 */
export async function setEnabled(ctx: ScheduleStoreContext, kept: KeptSchedule, enabled: boolean, actor: string): Promise<KeptSchedule> {
  const { stored, revision } = kept;
  if ((stored.schedule.enabled ?? true) === enabled) return kept;
  const now = instant(ctx.clock());
  const next: StoredSchedule = {
    ...stored,
    schedule: { ...stored.schedule, enabled },
    source: stored.source === null ? null : withEnabled(stored.source, enabled),
    changed_at: enabled ? now : stored.changed_at,
    updated_at: now,
    updated_by: actor,
  };
  return { stored: next, revision: await kvCompareAndSet(ctx.nats, 'schedules', stored.schedule.id, encode(next), revision) };
}

/** What was fired goes on; what was decided and completed is remembered, for a schedule of this id may come again. Gives the revision. */
export async function deleteSchedule({ nats }: ScheduleStoreContext, id: string, expected: number): Promise<number> {
  return kvDelete(nats, 'schedules', id, expected);
}
