import type { Enrolled, Pending, PendingEnrolment } from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import { instant } from '#core/contract/time.ts';
import type { EnrolmentContext } from './context.ts';
import { tellNowAndThen } from './say.ts';

/** Seconds until a PC that waits for an admin asks again. */
const ASK_AGAIN = 30;

/** How this PC connects from now on. */
export async function credentialOf(ctx: EnrolmentContext, entry: AgentEntry): Promise<Enrolled> {
  const { identity, ca: readCa } = ctx.enrolment;
  const { pc_id, public_key, enrolled_at } = entry;
  if (public_key === undefined) throw new KanadeError('identity_unknown');
  const { jwt, expiresAt } = await identity.issuer.issue({ publicKey: public_key, pcId: pc_id, now: ctx.clock() });
  const ca = readCa();
  const others = identity.otherApis();
  return {
    state: 'enrolled',
    pc_id,
    jwt,
    jwt_expires_at: instant(expiresAt),
    servers: [...identity.servers],
    ...(ca === undefined ? {} : { ca }),
    command_keys: identity.commandKeys(),
    ...(others.length === 0 ? {} : { other_apis: others }),
    enrolled_at,
  };
}

/** Throws for a PC that gets no credential: retired, or its key revoked. That it still asks an admin hears once an hour. */
export async function refuseUnlessGood(ctx: EnrolmentContext, { pc_id, retired_at, revoked_at }: AgentEntry): Promise<void> {
  if (retired_at !== undefined) {
    await tellNowAndThen(ctx, pc_id, pc_id, 'retired_seen', { detail: 'a retired PC asks for a credential' });
    throw new KanadeError('pc_retired', `${pc_id} is retired`);
  }
  if (revoked_at !== undefined) {
    await tellNowAndThen(ctx, pc_id, pc_id, 'revoked_seen', {
      code: 'identity_revoked',
      detail: 'a PC whose identity was revoked asks for a credential',
    });
    throw new KanadeError('identity_revoked', `the identity of ${pc_id} was revoked`);
  }
}

/** Throws for a key that was revoked, whoever's it was: replaced by another, or its PC's entry is gone. Nothing can be issued to it. */
export async function refuseIfRevoked(ctx: EnrolmentContext, { public_key, pc_id }: { public_key: string; pc_id: string }): Promise<void> {
  if (!ctx.enrolment.identity.issuer.isRevoked(public_key)) return;
  const detail = `somebody comes as ${pc_id} with a key that was revoked (${public_key})`;
  await tellNowAndThen(ctx, public_key, formerOwner(ctx, public_key) ?? pc_id, 'revoked_seen', { code: 'identity_revoked', detail });
  throw new KanadeError('identity_revoked', 'this key was revoked: it takes another one, and an enrolment token');
}

/** The PC that had this key, as far as that is remembered: the name that somebody gives himself may be any. */
function formerOwner({ agents }: EnrolmentContext, key: string): string | undefined {
  for (const { entry } of agents.entries()) if (entry.former_keys?.includes(key)) return entry.pc_id;
  return undefined;
}

/** Throws `enrolment_denied` for one that an admin has refused. */
export function pendingAnswer({ state, reason, pc_id }: PendingEnrolment): Pending {
  if (state === 'denied') throw new KanadeError('enrolment_denied', `an admin has denied the enrolment of ${pc_id}`);
  return { state: 'pending', reason, retry_after_secs: ASK_AGAIN };
}
