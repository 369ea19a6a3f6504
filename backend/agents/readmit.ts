import { decode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { AgentEntry } from '#core/contract/registry.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvDelete } from '#core/nats/kv.ts';
import { refuseWhileResting } from '../enrolment/resting-name.ts';
import type { ExecContext } from '../exec/context.ts';

/**
 * Takes the tombstone of a retired PC away, so that it can be enrolled as if it had never been there: what was sent before
 * that is not for it. In open mode its next heartbeat does that; with identities its old key stays revoked, and it comes
 * with a token and another. Rejects with `not_found`, with `not_retired` for a PC that is enrolled, and with `pc_id_taken`
 * while a PC that was renamed may still speak under this name.
 */
export async function readmit({ nats, agents, clock }: Pick<ExecContext, 'nats' | 'agents' | 'clock'>, pc: string): Promise<void> {
  const stored = await kvGet(nats, 'agents', pc);
  if (stored === undefined) throw new KanadeError('not_found', `there is no PC ${pc}`);
  const entry = decode(AgentEntry, stored.value);
  if (entry.retired_at === undefined) {
    const revoked = 'its identity was revoked: give it another enrolment token, and approve its enrolment';
    throw new KanadeError(
      'not_retired',
      `${pc} is ${entry.revoked_at === undefined ? 'enrolled and not retired' : `not retired, ${revoked}`}`,
    );
  }
  refuseWhileResting(entry, clock());
  await kvDelete(nats, 'agents', pc, stored.revision);
  agents.forget(pc);
}
