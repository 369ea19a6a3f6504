import { any, enums, integer, nullable, object, optional, string } from 'superstruct';
import { AUDIT_ACTIONS } from '#core/contract/audit.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { AGENT_EVENT_KINDS } from '#core/contract/events.ts';
import { Id } from '#core/contract/ids.ts';
import { Instant } from '#core/contract/time.ts';
import { getDeadLetter, listAudit, listDeadLetters, listEvents, type Page, type SaidCursor } from '../../projectors/read/said.ts';
import { PROJECTED } from '../../projectors/streams.ts';
import { CursorText, LIMIT_DEFAULT, Limit, PcId, text, whole, word } from '../../schema/structs.ts';
import { auditTarget } from '../audit-target.ts';
import { decodeCursor, encodeCursor, listKey } from '../cursor.ts';
import { pageOf } from '../page.ts';
import { type Route, route } from '../route.ts';

const PAGE = { limit: optional(Limit), cursor: optional(CursorText) };
/** What the broker stored then or later. */
const SINCE = { since: optional(Instant) };

const Event = object({
  event_id: string(),
  pc_id: Id,
  kind: Id,
  at: Instant,
  recorded_at: Instant,
  code: nullable(string()),
  detail: nullable(string()),
  subject: nullable(string()),
  request_id: nullable(string()),
  exec_id: nullable(string()),
});

const Audit = object({
  audit_id: Id,
  at: Instant,
  recorded_at: Instant,
  actor_kind: enums(['person', 'token', 'scheduler', 'system']),
  actor: string(),
  action: Id,
  target: nullable(string()),
  before: any(),
  after: any(),
  result: string(),
  request_id: nullable(string()),
  source_ip: nullable(string()),
});

const DeadLetter = object({
  id: integer(),
  stream: enums(PROJECTED),
  seq: integer(),
  subject: string(),
  recorded_at: Instant,
  code: string(),
  detail: string(),
  size: integer(),
  preview: string(),
});

const DeadLetterParam = object({ id: whole(0, Number.MAX_SAFE_INTEGER) });

export const journalRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/events',
    scope: 'read',
    summary: 'PCs coming, going, refusing, in trouble; newest first',
    query: object({ pc: optional(PcId), kind: optional(word(AGENT_EVENT_KINDS)), ...SINCE, ...PAGE }),
    response: pageOf(Event),
    status: 200,
    handler: ({ ctx, query }) => {
      const { pc, kind, since } = query;
      return page('events', query, (place) => listEvents(ctx.db, { pc, kind, ...from(since), ...place }));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/audit',
    scope: 'admin',
    summary: 'Every change: who, what, before and after, how it ended; newest first',
    query: object({
      actor: optional(text(1, 200)),
      action: optional(word(AUDIT_ACTIONS)),
      target: optional(text(1, 200)),
      ...SINCE,
      ...PAGE,
    }),
    response: pageOf(Audit),
    status: 200,
    handler: ({ ctx, query }) => {
      const { actor, action, target, since } = query;
      const filter = { actor, action, target: target && auditTarget(target), ...from(since) };
      return page('audit', query, (place) => listAudit(ctx.db, { ...filter, ...place }));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/dead-letters',
    scope: 'read',
    summary: 'Messages that could not be projected, and why; newest first',
    query: object({ stream: optional(word(PROJECTED)), ...PAGE }),
    response: pageOf(DeadLetter),
    status: 200,
    handler: ({ ctx, query }) => page('dead-letters', query, (place) => listDeadLetters(ctx.db, { stream: query.stream, ...place })),
  }),
  route({
    method: 'POST',
    path: '/api/v1/dead-letters/:id/retry',
    scope: 'admin',
    summary: 'Projects a dead letter again',
    params: DeadLetterParam,
    response: object({ outcome: enums(['projected', 'still_bad']) }),
    status: 200,
    audit: 'dead_letter_retry',
    handler: async ({ ctx, params, audit }) => {
      const letter = getDeadLetter(ctx.db, params.id);
      if (letter === undefined) throw new KanadeError('not_found', `there is no dead letter ${params.id}`);
      audit.before = { stream: letter.stream, seq: letter.seq, subject: letter.subject, code: letter.code };
      const outcome = await ctx.projection.retryDeadLetter(params.id);
      audit.after = { outcome };
      return { body: { outcome } };
    },
  }),
];

function from(since: string | undefined): { since?: number } {
  return since === undefined ? {} : { since: Date.parse(since) };
}

/** One page of what was said, newest first. */
function page<T>(
  name: string,
  query: { limit?: number; cursor?: string },
  list: (place: { before?: SaidCursor; limit: number }) => Page<T>,
): { body: { items: T[]; next: string | null } } {
  const key = listKey(name, query);
  const at = query.cursor === undefined ? undefined : (decodeCursor(key, query.cursor, ['number', 'number']) as [number, number]);
  const before = at && { recorded: at[0], seq: at[1] };
  const { items, next } = list({ before, limit: query.limit ?? LIMIT_DEFAULT });
  return { body: { items, next: next ? encodeCursor(key, [next.recorded, next.seq]) : null } };
}
