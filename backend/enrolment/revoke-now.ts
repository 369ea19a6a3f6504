import { messageOf } from '#core/contract/errors.ts';
import type { EnrolmentContext } from './context.ts';

/** What the registry says already is made true at the broker. What fails here the holder of the lease makes up for (duties.ts). */
export async function revokeNow(ctx: Pick<EnrolmentContext, 'enrolment' | 'log'>, pc: string, key: string, by: string): Promise<void> {
  try {
    await ctx.enrolment.identity.issuer.revoke({ publicKey: key, pcId: pc, by });
  } catch (error) {
    ctx.log.error(
      { pc, public_key: key, error: messageOf(error) },
      'a key could not be revoked at the broker: it is tried again within a minute',
    );
  }
}
