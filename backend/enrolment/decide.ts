import { encode } from '#core/contract/codec.ts';
import type { PendingEnrolment } from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import { instant } from '#core/contract/time.ts';
import { kvCompareAndSet, kvDelete } from '#core/nats/kv.ts';
import { admit, type Newcomer } from './admit.ts';
import type { EnrolmentContext } from './context.ts';
import { takesAnothers } from './name-of.ts';
import { storedPending } from './pending.ts';
import { storedEntry } from './registry.ts';
import { refuseWhileResting } from './resting-name.ts';
import { tell } from './say.ts';

/**
 * An admin lets somebody in who waits, or whom an admin had denied. Under a name that has become another PC's
 * since it began to wait, only with `replace`: `pc_id_taken`. Not by a token that was revoked since: `enrolment_token_revoked`.
 */
export async function approve(ctx: EnrolmentContext, key: string, { replace }: { replace: boolean }): Promise<AgentEntry> {
  const { pc_id } = (await known(ctx, key)).pending;
  return ctx.enrolment.turns.run(pc_id, async () => {
    const { pending } = await known(ctx, key);
    const found = await storedEntry(ctx, pc_id);
    if (found?.entry.public_key === key && found.entry.retired_at === undefined) return found.entry;
    if (ctx.enrolment.identity.issuer.isRevoked(key)) throw new KanadeError('identity_revoked', 'this key was revoked meanwhile');
    if (found !== undefined) refuseWhileResting(found.entry, ctx.clock());
    if (ctx.enrolment.tokens.get(pending.token_id)?.revoked_at !== undefined) {
      throw new KanadeError(
        'enrolment_token_revoked',
        `the enrolment token ${pending.token_id} was revoked, and who waits by it is not let in`,
      );
    }
    if (found !== undefined && takesAnothers(pending, found.entry) && !replace) {
      throw new KanadeError('pc_id_taken', `${pc_id} is the name of another PC: say replace to let this one take it over`);
    }
    const entry = await admit(ctx, found, newcomer(pending));
    // One that stays behind is no harm: its key is a PC's.
    await kvDelete(ctx.nats, 'enrolments', key);
    return entry;
  });
}

export async function deny(ctx: EnrolmentContext, key: string, by: string): Promise<PendingEnrolment> {
  const { pc_id } = (await known(ctx, key)).pending;
  return ctx.enrolment.turns.run(pc_id, async () => {
    const { pending, revision } = await known(ctx, key);
    if (pending.state === 'denied') return pending;
    const denied = { ...pending, state: 'denied', decided_by: by, decided_at: instant(ctx.clock()) };
    ctx.enrolment.pending.accept(key, denied, await kvCompareAndSet(ctx.nats, 'enrolments', key, encode(denied), revision));
    await tell(ctx, pc_id, 'enrolment_denied', { code: 'enrolment_denied', detail: `${by} has denied ${key}` });
    return denied;
  });
}

async function known(ctx: EnrolmentContext, key: string): Promise<{ pending: PendingEnrolment; revision: number }> {
  const stored = await storedPending(ctx, key);
  if (stored === undefined) throw new KanadeError('not_found', `no enrolment waits under ${key}`);
  return stored;
}

function newcomer({ groups, ephemeral_days, ...said }: PendingEnrolment): Newcomer {
  return { ...said, terms: { groups, ephemeral_days } };
}
