import { array, boolean, nullable, object, optional, string, union } from 'superstruct';
import { Challenge, Enrolled, EnrolRequest, Hardware, Pending, RenewRequest } from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import { Instant } from '#core/contract/time.ts';
import { approve, deny } from '../../enrolment/decide.ts';
import { enrol } from '../../enrolment/enrol.ts';
import { type EnrolmentView, enrolmentView } from '../../enrolment/enrolment-view.ts';
import { renew } from '../../enrolment/renew.ts';
import { annotate, toJsonSchema } from '../../schema/json-schema.ts';
import { CursorText, IdParam, Limit, word } from '../../schema/structs.ts';
import { enrolling } from '../enrolling.ts';
import { pageOf } from '../page.ts';
import { type Answer, type Route, route } from '../route.ts';
import { timedPage } from '../timed-page.ts';

const EnrolAnswer = annotate(union([Enrolled, Pending]), { oneOf: [toJsonSchema(Enrolled), toJsonSchema(Pending)] });

const Enrolment = object({
  id: Id,
  pc_id: Id,
  state: string(),
  reason: string(),
  requested_at: Instant,
  token_id: Id,
  groups: array(Id),
  hostname: nullable(string()),
  os: nullable(string()),
  version: nullable(string()),
  hardware: nullable(Hardware),
  source_ip: nullable(string()),
  decided_by: nullable(string()),
  decided_at: nullable(Instant),
});

export const enrolmentRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/enrol/challenge',
    scope: undefined,
    summary: 'A nonce to be signed, good for two minutes. For agents',
    response: Challenge,
    status: 200,
    handler: ({ ctx }) => ({ body: enrolling(ctx).enrolment.nonces.make() }),
  }),
  route({
    method: 'POST',
    path: '/api/v1/enrol',
    scope: undefined,
    summary: 'A PC gets its identity by an enrolment token and the proof that it has the key; 202 while it waits for an admin. For agents',
    body: EnrolRequest,
    response: EnrolAnswer,
    status: 200,
    handler: async ({ ctx, body, requestId, address, signal }) =>
      answerOf(await enrol(enrolling(ctx), body, { address, requestId, signal })),
  }),
  route({
    method: 'POST',
    path: '/api/v1/renew',
    scope: undefined,
    summary:
      'A PC gets its credential anew by the proof that it has the key, also after the one before is over; 202 while it waits for an admin. For agents',
    body: RenewRequest,
    response: EnrolAnswer,
    status: 200,
    handler: async ({ ctx, body, requestId, address, signal }) =>
      answerOf(await renew(enrolling(ctx), body, { address, requestId, signal })),
  }),
  route({
    method: 'GET',
    path: '/api/v1/enrolments',
    scope: 'admin',
    summary: 'Who waits for an admin, or was denied, longest first',
    query: object({ state: optional(word(['pending', 'denied'])), limit: optional(Limit), cursor: optional(CursorText) }),
    response: pageOf<EnrolmentView>(Enrolment),
    status: 200,
    handler: ({ ctx, query }) => {
      const { state } = query;
      const rows = [...enrolling(ctx).enrolment.pending.keys()]
        .flatMap((id) => viewOf(ctx, id) ?? [])
        .filter((row) => state === undefined || row.state === state);
      return { body: timedPage('enrolments', query, rows, { placeOf: (row) => [row.requested_at, row.id] }) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/enrolments/:id',
    scope: 'admin',
    summary: 'One who waits for an admin, or was denied: its id is its public key',
    params: IdParam,
    response: Enrolment,
    status: 200,
    handler: ({ ctx, params }) => {
      const view = viewOf(ctx, params.id);
      if (view === undefined) throw new KanadeError('not_found', `no enrolment waits under ${params.id}`);
      return { body: view };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/enrolments/:id/approve',
    scope: 'admin',
    summary:
      'Lets a PC in that waits, or that was denied: it takes over the name it asks for, and a key that this name had before opens nothing any more. 409 when the name was free as it began to wait and is not now, unless `replace`',
    params: IdParam,
    body: object({ replace: optional(boolean()) }),
    bodyOptional: true,
    response: object({ id: Id, pc_id: Id, enrolled_at: Instant }),
    status: 200,
    audit: 'enrolment_approve',
    handler: async ({ ctx, params, body, audit }) => {
      audit.before = viewOf(ctx, params.id);
      const { pc_id, enrolled_at } = await approve(enrolling(ctx), params.id, { replace: body.replace ?? false });
      audit.after = { pc_id, enrolled_at };
      return { body: { id: params.id, pc_id, enrolled_at } };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/enrolments/:id/deny',
    scope: 'admin',
    summary: 'Refuses a PC that waits. Its key stays refused for 30 days; an admin may approve it after all',
    params: IdParam,
    response: Enrolment,
    status: 200,
    audit: 'enrolment_deny',
    handler: async ({ ctx, params, actor, audit }) => {
      audit.before = viewOf(ctx, params.id);
      const view = enrolmentView(await deny(enrolling(ctx), params.id, actor.name));
      audit.after = { state: view.state };
      return { body: view };
    },
  }),
];

function viewOf(ctx: Parameters<typeof enrolling>[0], id: string): EnrolmentView | undefined {
  const entry = enrolling(ctx).enrolment.pending.get(id);
  return entry && 'value' in entry ? enrolmentView(entry.value) : undefined;
}

function answerOf(answer: Enrolled | Pending): Answer<Enrolled | Pending> {
  if (answer.state === 'enrolled') return { body: answer };
  return { status: 202, headers: { 'Retry-After': String(answer.retry_after_secs) }, body: answer };
}
