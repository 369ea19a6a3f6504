import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { AgentEntry } from '#core/contract/registry.ts';
import { subjects } from '#core/contract/subjects.ts';
import { instant } from '#core/contract/time.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { purgeStream } from '#core/nats/jetstream.ts';
import { kvCompareAndSet, kvDelete } from '#core/nats/kv.ts';
import type { EnrolmentParts } from '../enrolment/context.ts';
import { revokeNow } from '../enrolment/revoke-now.ts';
import { cancel } from '../exec/cancel.ts';
import type { ExecContext } from '../exec/context.ts';
import { giveUp } from '../exec/deadlines.ts';
import { openRowsOf } from '../projectors/read/queue.ts';
import type { Durables } from './durables.ts';

export type RetireContext = ExecContext & { durables: Durables; enrolment: EnrolmentParts | undefined };

/**
 * Retires a PC (design section 7): the tombstone first, so that nothing new is addressed to it; then its queue, its
 * rows, its durable and its key. What is queued ends as cancelled, what runs as lost until a result says otherwise.
 */
export async function retire(
  ctx: RetireContext,
  { pc, actor, by }: { pc: string; actor: string; by?: 'ephemeral' },
): Promise<{ settled: number; seq: number }> {
  const stored = await kvGet(ctx.nats, 'agents', pc);
  const entry = stored && decode(AgentEntry, stored.value);
  if (stored === undefined || entry === undefined) throw new KanadeError('not_found', `no PC named ${pc} is enrolled`);
  if (entry.retired_at === undefined) {
    const tombstone = { ...entry, retired_at: instant(ctx.clock()), ...(by === undefined ? {} : { retired_by: by }) };
    ctx.agents.accept(tombstone, await kvCompareAndSet(ctx.nats, 'agents', pc, encode(tombstone), stored.revision));
  }
  const settled = await settle(ctx, { pc, actor });
  const { enrolment } = ctx;
  if (enrolment !== undefined && entry.public_key !== undefined) await revokeNow({ ...ctx, enrolment }, pc, entry.public_key, actor);
  return settled;
}

/** What waits for a name that is nobody's any more, and what it was in. The same again changes nothing. */
export async function settle(
  ctx: ExecContext & { durables: Durables },
  { pc, actor }: { pc: string; actor: string },
): Promise<{ settled: number; seq: number }> {
  await purgeStream(ctx.nats, 'EXEC', subjects.commandPc(pc, '>'));
  let seq = 0;
  const rows = openRowsOf(ctx.db, pc, ctx.clock());
  for (const row of rows) {
    if (row.state === 'running') seq = await giveUp(ctx, row.execId, [pc], 'retired');
    else seq = (await cancel(ctx, { actor, execId: row.execId, pcs: [pc], reason: 'retired' })).seq || seq;
  }
  await ctx.durables.drop(pc);
  await kvDelete(ctx.nats, 'agent_groups', pc);
  ctx.agents.beats.forget(pc);
  ctx.agents.refuse(pc, 'retired');
  return { settled: rows.length, seq };
}
