import { array, enums, integer, nullable, object, optional, string } from 'superstruct';
import { KanadeError } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import { HALT_REASONS, ROLLOUT_STATUSES, ROLLOUT_STEPS } from '#core/contract/rollout.ts';
import { Target } from '#core/contract/submission.ts';
import { Instant } from '#core/contract/time.ts';
import { abort, advance, type Change, pause, resume } from '../../rollouts/change-rollout.ts';
import { listRollouts } from '../../rollouts/list-rollouts.ts';
import { AbortRequest } from '../../rollouts/requests.ts';
import { changeRollout, readRollout } from '../../rollouts/rollout-store.ts';
import { RolloutStruct } from '../../rollouts/rollout-struct.ts';
import { type RolloutView, rolloutView } from '../../rollouts/rollout-view.ts';
import { CursorText, IdParam, LIMIT_DEFAULT, Limit, listOf } from '../../schema/structs.ts';
import { decodeCursor, encodeCursor, listKey } from '../cursor.ts';
import { pageOf } from '../page.ts';
import { type Answer, type Call, type Route, route } from '../route.ts';
import { StateCounts } from './executions.ts';

const LISTED = [...ROLLOUT_STATUSES, 'unreadable'] as const;

const Summary = object({
  rollout_id: Id,
  status: enums(LISTED),
  created_at: nullable(Instant),
  actor: nullable(string()),
  job_id: nullable(string()),
  schedule_id: nullable(Id),
  target_count: nullable(integer()),
  waves: nullable(integer()),
  waves_started: nullable(integer()),
  error: nullable(string()),
});
const WaveView = object({
  n: integer(),
  count: integer(),
  exec_id: nullable(Id),
  started_at: nullable(Instant),
  counts: nullable(StateCounts),
  succeeded: integer(),
  failed: integer(),
  unreachable: integer(),
  put_off: integer(),
  skipped: integer(),
  running: integer(),
  waiting: integer(),
});
const Rollout = object({
  rollout_id: Id,
  status: enums(ROLLOUT_STATUSES),
  actor: string(),
  created_at: Instant,
  job_id: nullable(string()),
  schedule_id: nullable(Id),
  nominal_at: nullable(Instant),
  target: Target,
  target_count: integer(),
  plan: RolloutStruct,
  waves: array(WaveView),
  history: array(object({ at: Instant, by: string(), what: enums(ROLLOUT_STEPS), detail: nullable(string()) })),
  halted: nullable(object({ at: Instant, wave: integer(), reason: enums(HALT_REASONS), detail: string(), offline_queued: integer() })),
  next: object({ wave: nullable(integer()), why: string() }),
});

export const rolloutRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/rollouts',
    scope: 'read',
    summary: 'The rollouts, newest first, behind those that cannot be read',
    query: object({ status: optional(listOf(LISTED)), limit: optional(Limit), cursor: optional(CursorText) }),
    response: pageOf(Summary),
    status: 200,
    handler: ({ ctx, query }) => {
      const { status: statuses, limit = LIMIT_DEFAULT, cursor } = query;
      const key = listKey('rollouts', query);
      const [createdAt, id] = cursor === undefined ? [] : (decodeCursor(key, cursor, ['string', 'string']) as [string, string]);
      const after = id === undefined ? undefined : { createdAt: createdAt!, id };
      const { items, next } = listRollouts(ctx.rollouts, { statuses, after, limit });
      return { body: { items, next: next ? encodeCursor(key, [next.createdAt, next.id]) : null } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/rollouts/:id',
    scope: 'read',
    summary: 'A rollout: its waves, what happened to it, and what it waits for',
    params: IdParam,
    response: Rollout,
    status: 200,
    handler: async ({ ctx, params }) => {
      const kept = await readRollout(ctx.nats, params.id);
      if (kept === undefined) throw new KanadeError('not_found', `there is no rollout ${params.id}`);
      return { body: rolloutView(ctx, kept.rollout) };
    },
  }),
  changeRoute('pause', pause, 'Starts no further wave until it is resumed'),
  changeRoute('resume', resume, 'Goes on: from a pause, or from a halt, whose failures are then accepted'),
  changeRoute('advance', advance, 'Starts the next wave without waiting for soak, running PCs or min_success; the limit of failures holds'),
  route({
    method: 'POST',
    path: '/api/v1/rollouts/:id/abort',
    scope: 'operate',
    summary: 'Ends a rollout for good. `cancel_queued`: also what PCs have not started yet (default: as on_halt says)',
    params: IdParam,
    body: AbortRequest,
    bodyOptional: true,
    response: Rollout,
    status: 200,
    audit: 'rollout_abort',
    handler: (call) => change(call, abort(call.body.cancel_queued)),
  }),
];

function changeRoute(verb: 'pause' | 'resume' | 'advance', by: Change, summary: string): Route {
  return route({
    method: 'POST',
    path: `/api/v1/rollouts/:id/${verb}`,
    scope: 'operate',
    summary,
    params: IdParam,
    response: Rollout,
    status: 200,
    audit: `rollout_${verb}` as const,
    handler: (call: Call<IdParam, unknown, unknown>) => change(call, by),
  });
}

async function change(call: Pick<Call<IdParam>, 'ctx' | 'params' | 'actor' | 'audit'>, by: Change): Promise<Answer<RolloutView>> {
  const { ctx, params, actor, audit } = call;
  const { rollout } = await changeRollout(ctx.nats, params.id, (found) => {
    audit.before = { status: found.status };
    return by(found, actor.name, ctx.clock());
  });
  audit.after = { status: rollout.status };
  return { body: rolloutView(ctx, rollout) };
}
