import { encode } from '#core/contract/codec.ts';
import { type CancelledEntry, cancelledKey } from '#core/contract/control.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { foldPcId } from '#core/contract/ids.ts';
import { subjects } from '#core/contract/subjects.ts';
import type { Cancelled } from '#core/contract/submission.ts';
import { instant } from '#core/contract/time.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import { purgeStream } from '#core/nats/jetstream.ts';
import { kvCreate, kvPut } from '#core/nats/kv.ts';
import { storePcList } from '../blobs/pc-list.ts';
import { getExecution } from '../projectors/read/executions.ts';
import { allPcs, pcsInStates } from '../projectors/read/targets.ts';
import type { ExecContext } from './context.ts';

export interface Cancellation {
  /** How many PCs were still queued, running or given up as lost. */
  cancelled: number;
  /** Sequence in EXECUTIONS; 0 when nothing was left to cancel. */
  seq: number;
}

/**
 * Cancels an execution, or some PCs of it. The entry in `cancelled` is what keeps a PC from running it, so it is
 * written first: a crash after it leaves rows queued that the PCs themselves will report as cancelled, while the other
 * order could show "cancelled" for a script that then runs.
 */
export async function cancel(
  ctx: ExecContext,
  { actor, execId, pcs, reason }: { actor: string; execId: string; pcs?: readonly string[]; reason?: string },
): Promise<Cancellation> {
  const { nats, db } = ctx;
  const execution = getExecution(db, execId, ctx.clock());
  if (execution === undefined) throw new KanadeError('not_found', `there is no execution ${execId}`);
  const some = pcs && [...new Set(pcs.map(foldPcId))];
  if (some) {
    const all = new Set(allPcs(db, execId));
    const strangers = some.filter((pc) => !all.has(pc));
    if (strangers.length > 0) throw new KanadeError('unknown_pc', `${strangers.join(', ')}: not among the targets of ${execId}`);
  }
  // What we gave up as lost may run all the same.
  const open = new Set(pcsInStates(db, execId, ['queued', 'running', 'lost'], ctx.clock()));
  const affected = (some ?? [...open]).filter((pc) => open.has(pc));
  if (affected.length === 0) return { cancelled: 0, seq: 0 };

  const at = instant(ctx.clock());
  const entry = encode({ at, actor, reason: reason ?? null } satisfies CancelledEntry);
  const keys = some ? affected.map((pc) => cancelledKey(execId, pc)) : [cancelledKey(execId)];
  await inParallel(keys, 64, (key) => kvPut(nats, 'cancelled', key, entry));

  const seq = await saySo(ctx, { actor, execId, at, reason, affected, some: some !== undefined });
  return { cancelled: affected.length, seq };
}

/**
 * What a schedule's newer fire leaves of an older one: PCs that have not taken the command yet do not start it any more. An
 * entry that is there stays: whoever was cancelled was cancelled, and what it runs is to be ended.
 */
export async function supersede(
  ctx: ExecContext,
  { actor, execId, pcs }: { actor: string; execId: string; pcs: readonly string[] },
): Promise<void> {
  const at = instant(ctx.clock());
  const entry = encode({ at, actor, reason: 'superseded' } satisfies CancelledEntry);
  await inParallel(pcs, 64, (pc) => kvCreate(ctx.nats, 'cancelled', cancelledKey(execId, pc), entry));
  await saySo(ctx, { actor, execId, at, reason: 'superseded', affected: pcs, some: true });
}

/** Says it to the projections, takes back what EXEC still holds, and makes the PCs read it. */
async function saySo(
  ctx: ExecContext,
  o: { actor: string; execId: string; at: string; reason: string | undefined; affected: readonly string[]; some: boolean },
): Promise<number> {
  const { nats } = ctx;
  const { actor, execId, at, reason, affected, some } = o;
  const list = some ? { list: await storePcList(nats, affected) } : {};
  const said: Cancelled = { exec_id: execId, actor, at, ...list, ...(reason === undefined ? {} : { reason }) };
  const { seq } = await nats.publishStored(subjects.cancelled(execId), encode(said));
  // Of a broadcast only when it is wholly cancelled: the one message is everybody's.
  const filters = some
    ? affected.map((pc) => subjects.commandPc(pc, execId))
    : [subjects.commandAll(execId), subjects.commandPc('*', execId)];
  await inParallel(filters, 16, (filter) => purgeStream(nats, 'EXEC', filter));
  ctx.agents.sync(affected);
  return seq;
}
