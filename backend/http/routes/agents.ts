import { array, boolean, enums, integer, nullable, number, object, optional, string } from 'superstruct';
import { LOGS_MAX, LogsReply, Pong } from '#core/contract/control.ts';
import { Hardware, UserKey } from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { Heartbeat } from '#core/contract/heartbeat.ts';
import { Id } from '#core/contract/ids.ts';
import { Instant } from '#core/contract/time.ts';
import { type AgentView, IDENTITY_STATES } from '../../agents/agent-view.ts';
import { askAgent } from '../../agents/ask-agent.ts';
import { readmit } from '../../agents/readmit.ts';
import { retire } from '../../agents/retire.ts';
import { rename } from '../../enrolment/rename.ts';
import { revoke } from '../../enrolment/revoke.ts';
import { queueOf } from '../../projectors/read/queue.ts';
import { CursorText, Flag, LIMIT_DEFAULT, Limit, PcId, PcParam, text, whole, word } from '../../schema/structs.ts';
import { AGENT_SORTS, listAgents } from '../agents-list.ts';
import type { HttpContext } from '../context.ts';
import { decodeCursor, encodeCursor, listKey } from '../cursor.ts';
import { enrolling } from '../enrolling.ts';
import { membersOfKnown } from '../known-group.ts';
import { pageOf } from '../page.ts';
import { projected } from '../projected.ts';
import { type Route, route } from '../route.ts';

const Agent = object({
  pc_id: Id,
  online: boolean(),
  last_heartbeat: nullable(Instant),
  version: nullable(string()),
  os: nullable(string()),
  hostname: nullable(string()),
  tz: nullable(string()),
  groups: array(Id),
  enrolled_at: Instant,
  first_seen: Instant,
  last_seen: Instant,
  retired_at: nullable(Instant),
  outbox_depth: nullable(integer()),
  stuck: nullable(integer()),
  corrupt: nullable(integer()),
  pending: nullable(integer()),
  running: array(string()),
  replay_state: nullable(string()),
  clock_offset_ms: nullable(number()),
  rss_bytes: nullable(number()),
  cpu_pct: nullable(number()),
  uptime_secs: nullable(number()),
  inventory_at: nullable(Instant),
  logged_on_user: nullable(string()),
  pending_reboot: nullable(array(string())),
  defender: nullable(
    object({
      real_time_protection: nullable(boolean()),
      tamper_protected: nullable(boolean()),
      signature_age_days: nullable(integer()),
    }),
  ),
  problems: array(object({ code: string(), detail: string() })),
  conflict: boolean(),
  identity: enums(IDENTITY_STATES),
  public_key: nullable(UserKey),
  hardware: nullable(Hardware),
  token_id: nullable(Id),
  renewed_at: nullable(Instant),
  ephemeral_days: nullable(integer()),
  renamed_to: nullable(Id),
});

const AgentsQuery = object({
  online: optional(Flag),
  group: optional(Id),
  os: optional(text(1, 200)),
  version: optional(text(1, 128)),
  q: optional(text(1, 200)),
  logged_on_user: optional(text(1, 200)),
  pending_reboot: optional(Flag),
  real_time_protection: optional(Flag),
  stuck: optional(Flag),
  retired: optional(Flag),
  identity: optional(word(IDENTITY_STATES)),
  token_id: optional(Id),
  sort: optional(word(AGENT_SORTS)),
  order: optional(word(['asc', 'desc'])),
  limit: optional(Limit),
  cursor: optional(CursorText),
});

const QueuedRow = object({
  exec_id: Id,
  state: enums(['queued', 'running']),
  job_id: nullable(string()),
  actor: nullable(string()),
  submitted_at: nullable(Instant),
  expires_at: nullable(Instant),
  started_at: nullable(Instant),
});

/** Bytes of log that are read when nobody says how many. */
const LOG_DEFAULT = 64 * 1024;

export const agentRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/agents',
    scope: 'read',
    summary:
      'The PCs: filter, sort, page by page; 404 for a group that there is not. Retired ones only when asked for. What a PC says of itself (running, pending, problems, who works at it, whether it wants to be restarted, Defender) is as of its last heartbeat',
    query: AgentsQuery,
    response: pageOf(Agent),
    status: 200,
    handler: ({ ctx, query }) => {
      const { sort = 'pc_id', order = 'asc', limit = LIMIT_DEFAULT, cursor, ...filter } = query;
      // Refused when there is no such group, and while it is not known who is in it.
      if (filter.group !== undefined) membersOfKnown(ctx, filter.group);
      const key = listKey('agents', { ...filter, sort, order });
      const after =
        cursor === undefined ? undefined : (decodeCursor(key, cursor, ['*', 'string']) as [string | number | boolean | null, string]);
      const page = listAgents(ctx.agents.all(), { filter, sort, descending: order === 'desc', after, limit });
      return { body: { items: page.items as Mutable<AgentView>[], next: page.next ? encodeCursor(key, page.next) : null } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/agents/:pc',
    scope: 'read',
    summary: 'One PC, also when it is retired',
    params: PcParam,
    response: Agent,
    status: 200,
    handler: ({ ctx, params }) => ({ body: knownAgent(ctx, params.pc) as Mutable<AgentView> }),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/agents/:pc',
    scope: 'admin',
    summary:
      'Retires a PC: its queue is cancelled, what runs counts as lost until its result says otherwise, its key is revoked, and it is admitted no more',
    params: PcParam,
    response: object({ pc_id: Id, settled: integer() }),
    status: 200,
    audit: 'agent_retire',
    handler: async ({ ctx, params, actor, audit, signal }) => {
      const { enrolled_at, groups, retired_at } = knownAgent(ctx, params.pc);
      audit.before = { enrolled_at, groups, retired_at };
      const { settled, seq } = await retire(ctx, { pc: params.pc, actor: actor.name });
      audit.after = { settled };
      await projected(ctx, seq, signal);
      return { body: { pc_id: params.pc, settled } };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/agents/:pc/revoke',
    scope: 'admin',
    summary:
      'The key of a PC opens nothing from now on, and its connection ends: for one that is stolen. What is queued for it stays; with an enrolment token it may come back, and waits for an admin then',
    params: PcParam,
    response: object({ pc_id: Id, revoked_at: Instant }),
    status: 200,
    audit: 'agent_revoke',
    handler: async ({ ctx, params, actor, audit }) => {
      const { public_key, hostname, hardware } = knownAgent(ctx, params.pc);
      audit.before = { public_key, hostname, hardware };
      const { revoked_at } = await revoke(enrolling(ctx), { pc: params.pc, by: actor.name });
      audit.after = { revoked_at };
      return { body: { pc_id: params.pc, revoked_at: revoked_at! } };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/agents/:pc/rename',
    scope: 'admin',
    summary:
      'Gives a PC another id: it keeps its key and its groups. What waits for its old id is cancelled as for a PC that is retired, and nobody else can have that id for 31 days. 409 when the new one is that of a PC, retired or not',
    params: PcParam,
    body: object({ pc_id: PcId }),
    response: object({ pc_id: Id, renamed_from: Id, settled: integer() }),
    status: 200,
    audit: 'agent_rename',
    handler: async ({ ctx, params, body, actor, audit, signal }) => {
      const { enrolled_at, public_key, groups } = knownAgent(ctx, params.pc);
      audit.before = { enrolled_at, public_key, groups };
      const { settled, seq } = await rename(enrolling(ctx), { pc: params.pc, to: body.pc_id, actor: actor.name });
      audit.after = { pc_id: body.pc_id, settled };
      await projected(ctx, seq, signal);
      return { body: { pc_id: body.pc_id, renamed_from: params.pc, settled } };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/agents/:pc/readmit',
    scope: 'admin',
    summary:
      'Takes away the tombstone of a retired PC, so that its id is free: in open mode its next heartbeat enrols it anew, with identities a token does. Nothing sent before runs there; 409 when it is not retired',
    params: PcParam,
    response: object({ pc_id: Id }),
    status: 200,
    audit: 'agent_readmit',
    handler: async ({ ctx, params, audit }) => {
      const { enrolled_at, retired_at } = knownAgent(ctx, params.pc);
      audit.before = { enrolled_at, retired_at };
      await readmit(ctx, params.pc);
      return { body: { pc_id: params.pc } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/agents/:pc/queue',
    scope: 'read',
    summary: 'What a PC is running or has still to run, in the order it will start',
    params: PcParam,
    query: object({ limit: optional(Limit), cursor: optional(CursorText) }),
    response: pageOf(QueuedRow),
    status: 200,
    handler: ({ ctx, params, query }) => {
      knownAgent(ctx, params.pc);
      const { limit = LIMIT_DEFAULT, cursor } = query;
      const key = listKey(`queue ${params.pc}`, query);
      const at = cursor === undefined ? undefined : (decodeCursor(key, cursor, ['number', 'string']) as [number, string]);
      const after = at && { recorded: at[0], execId: at[1] };
      const { items, next } = queueOf(ctx.db, params.pc, { after, limit, now: ctx.clock() });
      return { body: { items, next: next ? encodeCursor(key, [next.recorded, next.execId]) : null } };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/agents/:pc/ping',
    scope: 'operate',
    summary: 'Asks the PC itself; 504 when it does not answer',
    params: PcParam,
    response: object({ pc_id: Id, round_trip_ms: number(), heartbeat: Heartbeat }),
    status: 200,
    handler: async ({ ctx, params }) => {
      knownAgent(ctx, params.pc);
      const sent = performance.now();
      const { heartbeat } = await askAgent(ctx.nats, params.pc, 'ping', {}, Pong);
      return { body: { pc_id: params.pc, round_trip_ms: Math.round((performance.now() - sent) * 100) / 100, heartbeat } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/agents/:pc/logs',
    scope: 'operate',
    summary: 'The end of the log of the agent, asked from the PC itself',
    params: PcParam,
    query: object({ max_bytes: optional(whole(1, LOGS_MAX)) }),
    response: LogsReply,
    status: 200,
    handler: async ({ ctx, params, query }) => {
      knownAgent(ctx, params.pc);
      return { body: await askAgent(ctx.nats, params.pc, 'logs', { max_bytes: query.max_bytes ?? LOG_DEFAULT }, LogsReply) };
    },
  }),
];

type Mutable<T> = { -readonly [K in keyof T]: MutableList<T[K]> };
type MutableList<V> = V extends readonly (infer E)[] ? E[] : V;

export function knownAgent(ctx: Pick<HttpContext, 'agents'>, pc: string): AgentView {
  const agent = ctx.agents.get(pc);
  if (agent === undefined) throw new KanadeError('not_found', `there is no PC ${pc}`);
  return agent;
}
