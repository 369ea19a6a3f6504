import { array, boolean, enums, nullable, object, optional, string } from 'superstruct';
import { KEY_STATES, PublicKey } from '#core/contract/command-key.ts';
import { parseDuration } from '#core/contract/duration.ts';
import { Id } from '#core/contract/ids.ts';
import { type BackendEntry, JoinAnswer, JoinRequest, SigningKeys } from '#core/contract/joining.ts';
import { Instant } from '#core/contract/time.ts';
import { fingerprintOf } from '#core/tls/fingerprint.ts';
import { admitBackend, mustSign } from '../../joining/admit-backend.ts';
import { CODE_STATES } from '../../joining/code-state.ts';
import type { JoiningParts } from '../../joining/context.ts';
import { knownBackend } from '../../joining/members.ts';
import { putOut } from '../../joining/put-out.ts';
import { type BackendView, backendView, type JoinCodeView, joinCodeView } from '../../joining/views.ts';
import { noted } from '../../schema/json-schema.ts';
import { CursorText, duration, IdParam, Limit, text } from '../../schema/structs.ts';
import { enrolling } from '../enrolling.ts';
import { pageOf } from '../page.ts';
import { type Route, route } from '../route.ts';
import { timedPage } from '../timed-page.ts';

const DAY = 86_400;

const CodeShape = {
  id: Id,
  description: nullable(string()),
  created_at: Instant,
  created_by: string(),
  expires_at: Instant,
  state: enums(CODE_STATES),
  revoked_at: nullable(Instant),
  used_at: nullable(Instant),
  used_by: nullable(Id),
};
const CodeAnswer = object(CodeShape);

const Backend = object({
  id: Id,
  state: enums(['in', 'out']),
  own: boolean(),
  operator: boolean(),
  joined_at: Instant,
  code_id: nullable(Id),
  signing_keys: nullable(SigningKeys),
  command_keys: array(object({ id: Id, public_key: PublicKey, state: enums(KEY_STATES) })),
  api: nullable(string()),
  seen_at: nullable(Instant),
  removed_at: nullable(Instant),
  removed_by: nullable(string()),
});

export const backendRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/backends/join-codes',
    scope: 'admin',
    summary: 'Makes a code by which one further backend joins. Its text is told here once and never again',
    body: object({
      description: noted(optional(text(0, 200)), { description: 'For whoever reads the list.' }),
      expires_in: noted(optional(duration(60, 7 * DAY)), { default: '1h', description: 'Until when it counts: 1m to 7d.' }),
    }),
    bodyOptional: true,
    response: object({ ...CodeShape, code: string() }),
    status: 201,
    audit: 'join_code_create',
    handler: async ({ ctx, body, actor, audit }) => {
      const { joining } = enrolling(ctx);
      mustSign(joining.issuer);
      const ca = ctx.shownCa();
      const { description, expires_in = '1h' } = body;
      const { code, text: told } = await joining.codes.create(
        {
          ...(description === undefined ? {} : { description }),
          created_by: actor.name,
          expiresIn: parseDuration('expires_in', expires_in) * 1000,
        },
        ca === undefined ? undefined : fingerprintOf(ca),
      );
      audit.target = `backends/join-codes/${code.id}`;
      const view = joinCodeView(code, ctx.clock());
      audit.after = view;
      return { body: { ...view, code: told } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/backends/join-codes',
    scope: 'admin',
    summary: 'The join codes, newest first, without their texts. They are kept for 30 days after their end',
    query: object({ limit: optional(Limit), cursor: optional(CursorText) }),
    response: pageOf<JoinCodeView>(CodeAnswer),
    status: 200,
    handler: ({ ctx, query }) => {
      const now = ctx.clock();
      const rows = enrolling(ctx)
        .joining.codes.list()
        .map((code) => joinCodeView(code, now));
      return { body: timedPage('join-codes', query, rows, { placeOf: (row) => [row.created_at, row.id], newestFirst: true }) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/backends/join-codes/:id',
    scope: 'admin',
    summary: 'Revokes a join code: nobody joins with it any more. Who has is a backend until it is put out',
    params: IdParam,
    response: CodeAnswer,
    status: 200,
    audit: 'join_code_revoke',
    handler: async ({ ctx, params, audit }) => {
      audit.target = `backends/join-codes/${params.id}`;
      const view = joinCodeView(await enrolling(ctx).joining.codes.revoke(params.id), ctx.clock());
      audit.after = view;
      return { body: view };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/backends/join',
    scope: undefined,
    summary: 'A backend joins by a code and the proof that it has the keys it names, over a nonce of /enrol/challenge. For backends',
    body: JoinRequest,
    response: JoinAnswer,
    status: 200,
    handler: async ({ ctx, body, requestId, address, signal }) => ({
      body: await admitBackend(enrolling(ctx), body, { address, requestId, signal }),
    }),
  }),
  route({
    method: 'GET',
    path: '/api/v1/backends',
    scope: 'read',
    summary: 'The backends, and those that were: whose keys count, which has the operator key, and when each was seen last',
    query: object({ limit: optional(Limit), cursor: optional(CursorText) }),
    response: pageOf<BackendView>(Backend),
    status: 200,
    handler: ({ ctx, query }) => {
      const { joining } = enrolling(ctx);
      const rows = joining.members.entries().map((entry) => viewOf(joining, entry));
      return { body: timedPage('backends', query, rows, { placeOf: (row) => [row.joined_at, row.id] }) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/backends/:id',
    scope: 'admin',
    summary:
      'Puts a backend out: nothing counts that its keys have signed, its connections end, and PCs that it has let in renew their identity at another one. It never comes back under its id',
    params: IdParam,
    response: Backend,
    status: 200,
    audit: 'backend_remove',
    handler: async ({ ctx, params, actor, audit, signal }) => {
      const parts = enrolling(ctx);
      audit.before = viewOf(parts.joining, knownBackend(parts.joining.members, params.id));
      const view = viewOf(parts.joining, await putOut(parts, { id: params.id, by: actor.name }, signal));
      audit.after = view;
      return { body: view };
    },
  }),
];

function viewOf({ members, keys, backendId }: JoiningParts, entry: BackendEntry): BackendView {
  return backendView(entry, { own: entry.backend_id === backendId, stays: members.stays(entry), keys: keys.keys.list() });
}
