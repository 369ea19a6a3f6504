import { encode } from '#core/contract/codec.ts';
import { type Enrolled, type Hardware, hardwareSaid, type Pending, type RenewRequest } from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { foldPcId } from '#core/contract/ids.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import { instant } from '#core/contract/time.ts';
import { kvCompareAndSet } from '#core/nats/kv.ts';
import { credentialOf, pendingAnswer, refuseIfRevoked, refuseUnlessGood } from './answers.ts';
import type { Asker, EnrolmentContext } from './context.ts';
import { storedPending } from './pending.ts';
import { checkProof } from './proof.ts';
import { entryOfKey, type Found, storedEntry } from './registry.ts';
import { tellNowAndThen } from './say.ts';

/** Milliseconds: PCs renew daily, and that they do is written this often. */
const NOTE_AFTER = 12 * 3600_000;

/** `POST /renew`: the key alone says which PC asks, also after its credential is over. A PC that was renamed learns it here. */
export async function renew(ctx: EnrolmentContext, request: RenewRequest, from: Asker): Promise<Enrolled | Pending> {
  const { nonces, gate } = ctx.enrolment;
  nonces.check(request.nonce);
  checkProof('renew', request);
  const pc = foldPcId(request.pc_id);
  return gate.through(from.signal, async () => {
    const found = await entryOfKey(ctx, request.public_key, await storedEntry(ctx, pc));
    if (found === undefined) {
      await refuseIfRevoked(ctx, { ...request, pc_id: pc });
      const waiting = await storedPending(ctx, request.public_key);
      if (waiting !== undefined) return pendingAnswer(waiting.pending);
      throw new KanadeError('identity_unknown', `this key is not that of ${pc}, nor of any other PC`);
    }
    await refuseUnlessGood(ctx, found.entry);
    await compareHardware(ctx, found.entry, request.hardware);
    const enrolled = await credentialOf(ctx, found.entry);
    await note(ctx, found, request.hardware && hardwareSaid(request.hardware));
    return enrolled;
  });
}

/** A PC looks after that itself (and is one that somebody changed when it does not): an admin hears of it. */
async function compareHardware(ctx: EnrolmentContext, { pc_id, hardware: known }: AgentEntry, said: Hardware | undefined): Promise<void> {
  const other = (['uuid', 'machine_guid'] as const).filter(
    (key) => known?.[key] !== undefined && said?.[key] !== undefined && known[key] !== said[key],
  );
  if (other.length === 0) return;
  const detail = `its key is used on other hardware than it was enrolled on (${other.join(' and ')})`;
  await tellNowAndThen(ctx, pc_id, pc_id, 'conflict', { code: 'pc_id_conflict', detail });
}

async function note(ctx: EnrolmentContext, { entry, revision }: Found, hardware: Hardware | undefined): Promise<void> {
  const now = ctx.clock();
  if (entry.renewed_at !== undefined && now - Date.parse(entry.renewed_at) < NOTE_AFTER) return;
  const next = { ...entry, renewed_at: instant(now), ...(entry.hardware === undefined && hardware !== undefined ? { hardware } : {}) };
  try {
    ctx.agents.accept(next, await kvCompareAndSet(ctx.nats, 'agents', entry.pc_id, encode(next), revision));
  } catch (error) {
    // Somebody else wrote it meanwhile; tomorrow is early enough.
    if (!(error instanceof KanadeError && error.code === 'precondition_failed')) throw error;
  }
}
