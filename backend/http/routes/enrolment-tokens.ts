import { array, boolean, integer, nullable, object, optional, string } from 'superstruct';
import { parseDuration } from '#core/contract/duration.ts';
import type { StoredEnrolmentToken } from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import { Instant } from '#core/contract/time.ts';
import { fingerprintOf } from '#core/tls/fingerprint.ts';
import { groupSet } from '../../agents/groups.ts';
import { type TokenView, tokenView } from '../../enrolment/enrolment-view.ts';
import { dropWaiting } from '../../enrolment/pending.ts';
import { noted } from '../../schema/json-schema.ts';
import { CursorText, duration, Flag, groupNames, IdParam, Limit, text, whole } from '../../schema/structs.ts';
import type { HttpContext } from '../context.ts';
import { enrolling } from '../enrolling.ts';
import { pageOf } from '../page.ts';
import { type Route, route } from '../route.ts';
import { timedPage } from '../timed-page.ts';

const DAY = 86_400;
const TokenShape = {
  id: Id,
  description: nullable(string()),
  created_at: Instant,
  created_by: string(),
  expires_at: Instant,
  uses_left: nullable(integer()),
  used: integer(),
  groups: array(Id),
  name_pattern: nullable(string()),
  needs_approval: boolean(),
  replace: boolean(),
  ephemeral: nullable(object({ retire_after_days: integer() })),
  revoked_at: nullable(Instant),
  usable: boolean(),
  ca_fingerprint: nullable(string()),
  ca_outdated: noted(boolean(), {
    description: 'The token names another CA than the one whose certificate the server that answers shows: make a new one.',
  }),
  /** By reason, since the backend that answers began. */
  refused: array(object({ code: string(), count: integer(), last_at: Instant })),
};
const TokenAnswer = object(TokenShape);

const GROUPS_MAX = 50;
const NAME_PATTERN = /^[A-Za-z0-9_*?-]{1,64}$/;

const NewToken = object({
  description: noted(optional(text(0, 200)), { description: 'For whoever reads the list.' }),
  expires_in: noted(optional(duration(60, 365 * DAY)), { default: '1d', description: 'How long PCs may enrol with it: 1m to 365d.' }),
  uses: noted(optional(nullable(whole(1, 100_000))), { default: 1, description: 'How many PCs may enrol with it; null for any number.' }),
  groups: noted(optional(groupNames(GROUPS_MAX)), { default: [], description: 'Static groups that its PCs are put into.' }),
  name_pattern: noted(optional(text(1, 64)), { description: 'Only for PCs of such a name: * and ?, without case.' }),
  needs_approval: noted(optional(boolean()), { default: false, description: 'Every PC waits for an admin.' }),
  replace: noted(optional(boolean()), {
    default: false,
    description:
      'A PC with another key takes over the name of one that is there: for PCs that are imaged anew. Never that of one that is retired or revoked.',
  }),
  ephemeral: noted(optional(object({ retire_after_days: whole(1, 365) })), {
    description: 'Its PCs are retired once they have been silent for so many days: for VDI.',
  }),
});

export const enrolmentTokenRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/enrolment-tokens',
    scope: 'admin',
    summary: 'Makes a token that PCs enrol with. Its text is told here once and never again',
    body: NewToken,
    bodyOptional: true,
    response: object({ ...TokenShape, token: string() }),
    status: 201,
    audit: 'enrolment_token_create',
    handler: async ({ ctx, body, actor, audit }) => {
      const { enrolment } = enrolling(ctx);
      const {
        description,
        expires_in = '1d',
        uses = 1,
        groups = [],
        name_pattern,
        needs_approval = false,
        replace = false,
        ephemeral,
      } = body;
      if (name_pattern !== undefined && !NAME_PATTERN.test(name_pattern)) {
        const message = 'a name holds letters, digits, "_" and "-", and its pattern * and ? as well';
        throw new KanadeError('invalid_body', message, { faults: [{ pointer: '/name_pattern', message }] });
      }
      const { token, text } = await enrolment.tokens.create(
        {
          ...(description === undefined ? {} : { description }),
          created_by: actor.name,
          expiresIn: parseDuration('expires_in', expires_in) * 1000,
          ...(uses === null ? {} : { uses_left: uses }),
          groups: groupSet(groups, (group) => ctx.dynamicGroups.members(group) !== undefined),
          ...(name_pattern === undefined ? {} : { name_pattern }),
          needs_approval,
          replace,
          ...(ephemeral === undefined ? {} : { ephemeral_days: ephemeral.retire_after_days }),
        },
        shownFingerprint(ctx),
      );
      audit.target = `enrolment-tokens/${token.id}`;
      const view = viewOf(ctx, token);
      audit.after = view;
      return { headers: { Location: `/api/v1/enrolment-tokens/${token.id}` }, body: { ...view, token: text } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/enrolment-tokens',
    scope: 'admin',
    summary:
      'The enrolment tokens, newest first; with `usable` only those that PCs can enrol with now, or only the others. They are kept for 30 days after their end',
    query: object({ usable: optional(Flag), limit: optional(Limit), cursor: optional(CursorText) }),
    response: pageOf<TokenView>(TokenAnswer),
    status: 200,
    handler: ({ ctx, query }) => {
      const { usable } = query;
      const rows = enrolling(ctx)
        .enrolment.tokens.list()
        .map((token) => viewOf(ctx, token))
        .filter((row) => usable === undefined || row.usable === usable);
      return { body: timedPage('enrolment-tokens', query, rows, { placeOf: (row) => [row.created_at, row.id], newestFirst: true }) };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/enrolment-tokens/:id',
    scope: 'admin',
    summary: 'One enrolment token, without its text',
    params: IdParam,
    response: TokenAnswer,
    status: 200,
    handler: ({ ctx, params }) => {
      const token = enrolling(ctx).enrolment.tokens.get(params.id);
      if (token === undefined) throw new KanadeError('not_found', `there is no enrolment token ${params.id}`);
      return { body: viewOf(ctx, token) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/enrolment-tokens/:id',
    scope: 'admin',
    summary:
      'Revokes an enrolment token: nobody enrols with it any more, and whoever waits for an admin by it waits no longer (`dropped`). PCs that have are what they are',
    params: IdParam,
    response: object({ ...TokenShape, dropped: integer() }),
    status: 200,
    audit: 'enrolment_token_revoke',
    handler: async ({ ctx, params, audit }) => {
      const identified = enrolling(ctx);
      const token = await identified.enrolment.tokens.revoke(params.id);
      const view = { ...viewOf(ctx, token), dropped: await dropWaiting(identified, token.id) };
      audit.after = view;
      return { body: view };
    },
  }),
];

function viewOf(ctx: HttpContext, token: StoredEnrolmentToken): TokenView {
  const refused = enrolling(ctx).enrolment.refusals.of(token.id);
  return tokenView(token, { now: ctx.clock(), ca: shownFingerprint(ctx), refused });
}

/** Of the CA that a PC has to believe. */
function shownFingerprint(ctx: Pick<HttpContext, 'shownCa'>): string | undefined {
  const ca = ctx.shownCa();
  return ca === undefined ? undefined : fingerprintOf(ca);
}
