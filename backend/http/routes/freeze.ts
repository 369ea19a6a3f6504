import { boolean, nullable, object, optional, string } from 'superstruct';
import { encode } from '#core/contract/codec.ts';
import type { Freeze } from '#core/contract/freeze.ts';
import { Instant, instant } from '#core/contract/time.ts';
import { kvDelete, kvPut } from '#core/nats/kv.ts';
import { text } from '../../schema/structs.ts';
import type { HttpContext } from '../context.ts';
import { heard } from '../heard.ts';
import { type Route, route } from '../route.ts';

const FreezeView = object({
  frozen: boolean(),
  reason: nullable(string()),
  since: nullable(Instant),
  by: nullable(string()),
  /** What is stored cannot be read, which counts as frozen: set it again, or delete it. */
  corrupt: boolean(),
});

export const freezeRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/freeze',
    scope: 'read',
    summary: 'Whether schedules are frozen',
    response: FreezeView,
    status: 200,
    handler: ({ ctx }) => ({ body: viewOf(ctx) }),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/freeze',
    scope: 'admin',
    summary: 'Freezes the fleet: schedules fire nothing, and what they have fired and no PC has started is not started. People go on',
    body: object({ reason: optional(text(0, 1000)) }),
    bodyOptional: true,
    response: FreezeView,
    status: 200,
    audit: 'freeze_put',
    handler: async ({ ctx, body, actor, audit, signal }) => {
      audit.before = viewOf(ctx);
      const freeze: Freeze = { reason: body.reason ?? null, since: instant(ctx.clock()), by: actor.name };
      await heard(ctx, 'config', await kvPut(ctx.nats, 'config', 'freeze', encode(freeze)), signal);
      audit.after = freeze;
      // The PCs remember what they have read until they are told.
      ctx.agents.sync(ctx.agents.enrolled());
      return { body: { frozen: true, ...freeze, corrupt: false } };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/freeze',
    scope: 'admin',
    summary: 'Ends the freeze. What was due meanwhile is not made up for',
    status: 204,
    audit: 'freeze_delete',
    handler: async ({ ctx, audit, signal }) => {
      audit.before = viewOf(ctx);
      await heard(ctx, 'config', await kvDelete(ctx.nats, 'config', 'freeze'), signal);
      ctx.agents.sync(ctx.agents.enrolled());
      return {};
    },
  }),
];

function viewOf({ schedules }: HttpContext) {
  const { freeze } = schedules;
  const value = freeze?.value;
  return {
    frozen: freeze !== undefined,
    reason: value?.reason ?? null,
    since: value?.since ?? null,
    by: value?.by ?? null,
    corrupt: freeze !== undefined && value === undefined,
  };
}
