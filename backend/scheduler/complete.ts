import { encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { StoredSchedule } from '#core/contract/schedule.ts';
import { instant } from '#core/contract/time.ts';
import { kvCompareAndSet } from '#core/nats/kv.ts';
import { SCHEDULER, writeAudit } from '../audit/write-audit.ts';
import type { SchedulerContext } from './context.ts';
import { withEnabled } from './schedule-yaml.ts';

/** Disables a schedule of which everything is done (seed 004's auto_disable_when_done), if it still is the one that was looked at. */
export async function completeSchedule(ctx: SchedulerContext, id: string, revision: number): Promise<void> {
  const entry = ctx.schedules.all.get(id);
  if (entry?.revision !== revision || 'error' in entry) return;
  const { stored } = entry.value;
  const { source } = stored;
  const disabled: StoredSchedule = {
    ...stored,
    schedule: { ...stored.schedule, enabled: false },
    source: source === null ? null : withEnabled(source, false),
    updated_at: instant(ctx.clock()),
    updated_by: SCHEDULER,
  };
  try {
    await kvCompareAndSet(ctx.nats, 'schedules', id, encode(disabled), revision);
  } catch (error) {
    if (error instanceof KanadeError && error.code === 'precondition_failed') return;
    throw error;
  }
  const { job_id, mode } = stored.schedule;
  await writeAudit(ctx, {
    actor: { kind: 'scheduler', name: SCHEDULER },
    action: 'schedule_completed',
    draft: { target: `schedules/${id}`, after: { mode, job_id } },
    result: 'ok',
    requestId: ctx.newId(),
    sourceIp: undefined,
  });
}
