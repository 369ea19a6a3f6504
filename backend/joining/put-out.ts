import { KanadeError } from '#core/contract/errors.ts';
import type { BackendEntry } from '#core/contract/joining.ts';
import { instant } from '#core/contract/time.ts';
import type { EnrolmentContext } from '../enrolment/context.ts';
import { ACCOUNTS } from '../identity/accounts.ts';
import { retireKey } from '../seal/follow-keys.ts';
import type { JoiningContext } from './context.ts';

/**
 * From now on a backend is none: nothing counts that its keys have signed, who it has let in is known to the broker no more, and its
 * connections end. What it has said before and still counts is said again by this one. The same again completes what broke off.
 * `revocation_pending` while not every server has confirmed it.
 */
export async function putOut(
  ctx: JoiningContext & Pick<EnrolmentContext, 'enrolment'>,
  { id, by }: { id: string; by: string },
  signal: AbortSignal,
): Promise<BackendEntry> {
  return ctx.enrolment.turns.run('backends', async () => {
    const { members, keys, issuer, backendId } = ctx.joining;
    const stored = await members.stored(id);
    if (stored.entry === undefined) throw new KanadeError('not_found', `there is no backend ${id}`);
    let { entry } = stored;
    if (id === backendId) throw new KanadeError('backend_state', 'a backend does not put itself out: ask another one');
    const { signing_keys } = entry;
    if (signing_keys === undefined)
      throw new KanadeError('backend_state', `${id} made this installation: the accounts are signed by its own keys`);
    if (entry.removed_at === undefined) {
      entry = { ...entry, removed_at: instant(ctx.clock()), removed_by: by };
      await members.write(entry, stored.revision);
    }
    for (const key of keys.keys.list()) {
      if (key.entry.backend_id === id && key.state !== 'retired') await retireKey(keys, key.id, 0, signal);
    }
    // PCs that are on ask for the keys now rather than tomorrow.
    ctx.agents.sync(ctx.agents.enrolled());
    await issuer.tellMembers((signers) => ACCOUNTS.every((account) => !signers[account].includes(signing_keys[account])));
    return entry;
  });
}
