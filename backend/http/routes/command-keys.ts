import { array, boolean, enums, nullable, object, optional } from 'superstruct';
import { KEY_STATES, PublicKey } from '#core/contract/command-key.ts';
import { parseDuration } from '#core/contract/duration.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import { Instant } from '#core/contract/time.ts';
import { duration, IdParam } from '../../schema/structs.ts';
import type { CommandKeyView } from '../../seal/command-keys.ts';
import { type KeysContext, makeKey, retireKey, SAID_AGAIN_WITHIN } from '../../seal/follow-keys.ts';
import type { HttpContext } from '../context.ts';
import { type Route, route } from '../route.ts';

const DAY = 86_400;
const IN_USE_MOST = 90 * DAY;
/** PCs learn of a key within a day, those that are on. */
const ACTIVATE_IN = '2d';
/** What was signed waits for a PC for a week at the most. */
const OVERLAP = '8d';

const CommandKey = object({
  id: Id,
  public_key: PublicKey,
  backend_id: Id,
  state: enums(KEY_STATES),
  /** Whether the backend that answers has the private half. */
  own: boolean(),
  created_at: Instant,
  active_from: Instant,
  retired_at: nullable(Instant),
});

export const commandKeyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/command-keys',
    scope: 'read',
    summary: 'The public keys by which the backends sign what they say to PCs and to each other',
    response: object({ items: array(CommandKey) }),
    status: 200,
    handler: ({ ctx }) => ({ body: { items: keysOf(ctx).keys.list().map(viewOf) } }),
  }),
  route({
    method: 'POST',
    path: '/api/v1/command-keys',
    scope: 'admin',
    summary: 'Makes a further key for the backend that answers. It signs after activate_in; the ones before it count for overlap longer',
    body: object({ activate_in: optional(duration(0, IN_USE_MOST)), overlap: optional(duration(0, IN_USE_MOST)) }),
    bodyOptional: true,
    response: CommandKey,
    status: 201,
    audit: 'command_key_make',
    handler: async ({ ctx, body, audit, signal }) => {
      const activateIn = parseDuration('activate_in', body.activate_in ?? ACTIVATE_IN) * 1000;
      const overlap = parseDuration('overlap', body.overlap ?? OVERLAP) * 1000;
      // What they have signed could not be signed again in time.
      if (activateIn > 0 && overlap < SAID_AGAIN_WITHIN)
        throw new KanadeError(
          'invalid_body',
          'overlap: at least 10m, unless activate_in is 0s: then the keys before it go as soon as they can',
        );
      const made = viewOf(await makeKey(keysOf(ctx), { activateIn, overlap }, signal));
      audit.target = `command-keys/${made.id}`;
      audit.after = made;
      // Whoever is on asks for the keys now rather than tomorrow.
      ctx.agents.sync(ctx.agents.enrolled());
      return { body: made };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/command-keys/:id/retire',
    scope: 'admin',
    summary: 'Retires a key, at once or later. What it has signed and still counts is signed again by another one first',
    params: IdParam,
    body: object({ after: optional(duration(0, IN_USE_MOST)) }),
    bodyOptional: true,
    response: CommandKey,
    status: 200,
    audit: 'command_key_retire',
    handler: async ({ ctx, params, body, audit, signal }) => {
      const after = parseDuration('after', body.after ?? '0s') * 1000;
      const retired = viewOf(await retireKey(keysOf(ctx), params.id, after, signal));
      audit.after = retired;
      ctx.agents.sync(ctx.agents.enrolled());
      return { body: retired };
    },
  }),
];

function keysOf({ commandKeys }: HttpContext): KeysContext {
  if (commandKeys === undefined) throw new KanadeError('open_mode', 'this backend was started with --open: nothing is signed');
  return commandKeys;
}

function viewOf({ id, entry, state, own }: CommandKeyView) {
  const { public_key, backend_id, created_at, active_from, retired_at } = entry;
  return { id, public_key, backend_id, state, own, created_at, active_from, retired_at: retired_at ?? null };
}
