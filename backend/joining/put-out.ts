import { KanadeError } from '#core/contract/errors.ts';
import type { BackendEntry } from '#core/contract/joining.ts';
import { instant } from '#core/contract/time.ts';
import type { EnrolmentContext } from '../enrolment/context.ts';
import { ACCOUNTS } from '../identity/accounts.ts';
import { retireKey } from '../seal/follow-keys.ts';
import type { JoiningContext } from './context.ts';

/** So often it is written that a backend is out which writes that it is not. */
const NOTE_TRIES = 5;

/**
 * From now on a backend is none: who it has let in is known to the broker no more, its connections end, and nothing counts that
 * its keys have signed. What it has said before and still counts is said again by this one. The same again completes what broke off.
 * At the first this goes by what it has written down itself, whatever the backend says of itself at the broker.
 * `revocation_pending` while not every server has confirmed it.
 */
export async function putOut(
  ctx: JoiningContext & Pick<EnrolmentContext, 'enrolment'>,
  { id, by }: { id: string; by: string },
  signal: AbortSignal,
): Promise<BackendEntry> {
  return ctx.enrolment.turns.run('backends', async () => {
    const { members, issuer, backendId, first, admitted } = ctx.joining;
    if (id === backendId) throw new KanadeError('backend_state', 'a backend does not put itself out: ask another one');
    if (id === first) throw new KanadeError('backend_state', `${id} made this installation: the accounts are signed by its own keys`);
    const known = await members.now(id);
    if (known === undefined) throw new KanadeError('not_found', `there is no backend ${id}`);
    const at = instant(ctx.clock());
    await admitted?.putOut(id, { at, by });
    // Whatever is refused here, it is cut first: while it is connected it may write faster than we do.
    const noted = await tried(() => noteOut(ctx, { id, by, at }));
    const keys = admitted === undefined ? known.signing_keys : admitted.get(id)?.signing_keys;
    const told = await tried(() =>
      issuer.tellMembers((signers) => keys !== undefined && ACCOUNTS.every((account) => !signers[account].includes(keys[account]))),
    );
    await retireAll(ctx, id, signal);
    // PCs that are on ask for the keys now rather than tomorrow.
    ctx.agents.sync(ctx.agents.enrolled());
    const entry = 'error' in noted ? await noteOut(ctx, { id, by, at }) : noted.value;
    if ('error' in told) throw told.error;
    return entry;
  });
}

type Tried<T> = { value: T } | { error: unknown };

async function tried<T>(work: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

async function noteOut(
  { joining: { members, admitted } }: JoiningContext,
  { id, by, at }: { id: string; by: string; at: string },
): Promise<BackendEntry> {
  for (let tries = 1; ; tries++) {
    const { entry: said, revision } = await members.stored(id);
    const before = said ?? members.get(id) ?? { backend_id: id, joined_at: at, operator: false };
    const entry = { removed_at: at, removed_by: by, ...before, ...admitted?.get(id) };
    if (said?.removed_at !== undefined) return entry;
    try {
      await members.write(entry, revision);
      return entry;
    } catch (error) {
      if (tries === NOTE_TRIES || !(error instanceof KanadeError) || error.code !== 'precondition_failed') throw error;
    }
  }
}

/** Its keys; where it is known who was let in, also those of whoever was not: one that is out may have vouched for them. */
async function retireAll({ joining }: JoiningContext, id: string, signal: AbortSignal): Promise<void> {
  const { keys, backendId, admitted } = joining;
  const goes = (of: string) => of === id || (admitted !== undefined && of !== backendId && !admitted.isIn(of));
  for (;;) {
    // Anew each time: while one of them counts it may vouch for another.
    const key = keys.keys.list().find(({ entry, own, state }) => !own && state !== 'retired' && goes(entry.backend_id));
    if (key === undefined) return;
    await retireKey(keys, key.id, 0, signal);
  }
}
