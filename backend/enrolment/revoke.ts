import { encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import { instant } from '#core/contract/time.ts';
import { kvCompareAndSet } from '#core/nats/kv.ts';
import type { EnrolmentContext } from './context.ts';
import { storedEntry } from './registry.ts';
import { tell } from './say.ts';

/**
 * A PC's key opens nothing from now on, and a connection by it ends: for a PC that is stolen. What is queued for it stays queued. It
 * may enrol anew, with another key, which waits for an admin. The registry says so first, so that nothing is issued any
 * more, and the holder of the lease goes on where this fails. `revocation_pending` while not every server of the broker has confirmed it.
 */
export async function revoke(ctx: EnrolmentContext, { pc, by }: { pc: string; by: string }): Promise<AgentEntry> {
  return ctx.enrolment.turns.run(pc, async () => {
    const found = await storedEntry(ctx, pc);
    const key = found?.entry.public_key;
    if (found === undefined) throw new KanadeError('not_found', `there is no PC ${pc}`);
    const { renamed_to } = found.entry;
    // Its key went with it.
    if (renamed_to !== undefined) throw new KanadeError('pc_retired', `${pc} was renamed to ${renamed_to}: revoke it by that name`);
    if (key === undefined) throw new KanadeError('identity_unknown', `${pc} has no identity to revoke`);
    let { entry } = found;
    if (entry.revoked_at === undefined) {
      entry = { ...entry, revoked_at: instant(ctx.clock()) };
      ctx.agents.accept(entry, await kvCompareAndSet(ctx.nats, 'agents', pc, encode(entry), found.revision));
      await tell(ctx, pc, 'identity_revoked', { code: 'identity_revoked', detail: `${by} has revoked its identity` });
    }
    await ctx.enrolment.identity.issuer.revoke({ publicKey: key, pcId: pc, by });
    return entry;
  });
}
