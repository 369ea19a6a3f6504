import { array, boolean, enums, type Infer, integer, nullable, object, optional, record, string } from 'superstruct';
import { KanadeError } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import type { Schedule } from '#core/contract/schedule.ts';
import { Instant, instant } from '#core/contract/time.ts';
import { statusOf } from '../../jobs/job-store.ts';
import { COVERAGE_STATES, type CoverageState, coverage } from '../../scheduler/coverage.ts';
import { forecast, soonest } from '../../scheduler/forecast.ts';
import { closedAt } from '../../scheduler/gates.ts';
import { heldBy } from '../../scheduler/held.ts';
import { Roster } from '../../scheduler/roster.ts';
import { runNow } from '../../scheduler/run-now.ts';
import { checkSchedule, ScheduleDocument } from '../../scheduler/schedule-document.ts';
import { deleteSchedule, getSchedule, type KeptSchedule, putSchedule, revisionOf, setEnabled } from '../../scheduler/schedule-store.ts';
import type { KnownSchedule } from '../../scheduler/schedules.ts';
import { CursorText, Flag, IdParam, LIMIT_DEFAULT, Limit, whole } from '../../schema/structs.ts';
import { parseYaml } from '../../schema/yaml.ts';
import { checkDocument, DocumentCheck } from '../check-document.ts';
import type { HttpContext } from '../context.ts';
import { decodeCursor, encodeCursor, listKey } from '../cursor.ts';
import { etag, expectedRevision } from '../etag.ts';
import { heard } from '../heard.ts';
import { pageOf } from '../page.ts';
import { projected } from '../projected.ts';
import { decodeUtf8 } from '../read-body.ts';
import { type Call, type Route, route } from '../route.ts';
import { answerDocument, YAML } from '../yaml.ts';

const IF_MATCH = { name: 'If-Match', description: 'The ETag the schedule has to be at.' };

const Summary = object({
  id: Id,
  job_id: nullable(Id),
  enabled: boolean(),
  /** Why it fires nothing although it is enabled: what is stored of it or of its group cannot be read, or its job is gone. */
  error: nullable(string()),
  next_at: nullable(Instant),
  next_blocked: nullable(string()),
  updated_at: nullable(Instant),
  updated_by: nullable(string()),
  /** With `documents=true`, of what can be read. */
  etag: optional(string()),
  document: optional(ScheduleDocument),
});

const ForecastRow = object({ at: Instant, zone: string(), blocked: nullable(string()) });
const UpcomingRow = object({ schedule_id: Id, at: Instant, zone: string(), blocked: nullable(string()) });
const CoverageRow = object({
  pc_id: Id,
  state: enums(COVERAGE_STATES),
  reason: nullable(string()),
  last_success: nullable(Instant),
  last_exec_id: nullable(Id),
  failures: integer(),
});

const Enabled = object({ id: Id, enabled: boolean() });

const FORECAST_MAX = 100;

export const scheduleRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/schedules',
    scope: 'read',
    summary:
      'The schedules, by id, with what is wrong with them and when they are due next; with `documents` each with all it says, and with `id` that one alone',
    query: object({ id: optional(Id), documents: optional(Flag), limit: optional(Limit), cursor: optional(CursorText) }),
    response: pageOf(Summary),
    status: 200,
    handler: async ({ ctx, query }) => {
      const { documents = false, limit = LIMIT_DEFAULT, cursor } = query;
      const key = listKey('schedules', query);
      const after = cursor === undefined ? undefined : (decodeCursor(key, cursor, ['string'])[0] as string);
      const asked = [...ctx.schedules.all.keys()].filter((id) => query.id === undefined || id === query.id);
      const ids = asked.filter((id) => after === undefined || id > after).sort();
      const page = ids.slice(0, limit);
      const roster = new Roster(ctx.agents);
      const items = await Promise.all(
        page.map(async (id) => ({ ...(await summaryOf(ctx, id, roster)), ...(documents ? documentOf(ctx, id) : {}) })),
      );
      return { body: { items, next: ids.length > limit ? encodeCursor(key, [page.at(-1)!]) : null } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/schedules/upcoming',
    scope: 'read',
    summary: 'What is due next, over all enabled schedules, soonest first',
    query: object({ limit: optional(Limit) }),
    response: pageOf(UpcomingRow),
    status: 200,
    handler: ({ ctx, query }) => {
      const { limit = LIMIT_DEFAULT } = query;
      const roster = new Roster(ctx.agents);
      const forecasts = [...ctx.schedules.all.keys()].sort().flatMap((id) => {
        const entry = ctx.schedules.all.get(id)!;
        if ('error' in entry || entry.value.stored.schedule.enabled === false) return [];
        return [forecastOf(ctx, entry.value, roster).map((fire) => ({ schedule_id: id, ...fire }))];
      });
      return { body: { items: soonest(forecasts, limit).map((row) => ({ ...row, at: instant(row.at) })), next: null } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/schedules/:id',
    scope: 'read',
    summary: 'A schedule, as JSON or as the YAML it was written in (Accept)',
    params: IdParam,
    response: ScheduleDocument,
    produces: ['application/json', YAML],
    headers: [{ name: 'If-None-Match', description: 'The ETag that is known already: 304 when it still holds.' }],
    status: 200,
    handler: async (call) => {
      const { stored, revision } = await existing(call.ctx, call.params.id);
      const { schedule, source, updated_at } = stored;
      return answerDocument(call, { document: schedule as ScheduleDocument, source, revision, updated_at });
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/schedules/check',
    scope: 'read',
    summary: 'What a PUT of this schedule would do: refused with the same faults, or what it would change. Changes nothing',
    body: ScheduleDocument,
    parsers: { [YAML]: (raw) => parseYaml(decodeUtf8(raw)) },
    response: DocumentCheck,
    status: 200,
    handler: async (call) => {
      const { id } = call.body;
      const schedule = checked(call.ctx, id, call.body);
      const kept = await comparable(call.ctx, id);
      return { body: checkDocument(call, { id, after: plain(schedule), kept }) };
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/schedules/:id',
    scope: 'admin',
    summary: 'Makes or replaces a schedule: JSON or YAML. What it decided stays; what was due before the change is not made up for',
    params: IdParam,
    body: ScheduleDocument,
    parsers: { [YAML]: (raw) => parseYaml(decodeUtf8(raw)) },
    response: ScheduleDocument,
    headers: [IF_MATCH, { name: 'If-None-Match', description: '* = only if there is no such schedule yet.' }],
    status: 200,
    audit: 'schedule_put',
    handler: async ({ ctx, params, body, raw, contentType, header, actor, audit, signal }) => {
      const { id } = params;
      audit.after = body;
      const before = knownDocument(ctx, id);
      if (before !== undefined) audit.before = before;
      const schedule = checked(ctx, id, body);
      const current = await revisionOf(ctx, id);
      const tags = { ifMatch: header('if-match'), ifNoneMatch: header('if-none-match') };
      const expected = expectedRevision(tags, current === 0 ? undefined : current);
      const source = contentType === YAML ? decodeUtf8(raw) : null;
      const { revision, created } = await putSchedule(ctx, { schedule, source, actor: actor.name, expected });
      await heard(ctx, 'schedules', revision, signal);
      return { status: created ? 201 : 200, headers: { ETag: etag(revision) }, body };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/schedules/:id',
    scope: 'admin',
    summary: 'Deletes a schedule. What it has fired goes on; what it has completed is remembered',
    params: IdParam,
    headers: [IF_MATCH],
    status: 204,
    audit: 'schedule_delete',
    handler: async ({ ctx, params, header, audit, signal }) => {
      const before = knownDocument(ctx, params.id);
      if (before !== undefined) audit.before = before;
      const revision = await revisionOf(ctx, params.id);
      if (revision === 0) throw noSuch(params.id);
      expectedRevision({ ifMatch: header('if-match') }, revision);
      await heard(ctx, 'schedules', await deleteSchedule(ctx, params.id, revision), signal);
      return {};
    },
  }),
  enabledRoute(
    'enable',
    true,
    'Enables a schedule: what was due meanwhile is not made up for, and what had failed too often is tried anew',
  ),
  enabledRoute('disable', false, 'Disables a schedule. What it has fired goes on'),
  route({
    method: 'POST',
    path: '/api/v1/schedules/:id/run-now',
    scope: 'operate',
    summary:
      'Runs its job now on all it means, in waves if it has any, whatever its times, the freeze and its successes say; it supersedes nothing',
    params: IdParam,
    response: object({ exec_id: Id, rollout_id: nullable(Id) }),
    headers: [{ name: 'Idempotency-Key', description: 'The same key again gives the same execution.' }],
    status: 202,
    audit: 'schedule_run_now',
    handler: async ({ ctx, params, actor, header, audit, signal }) => {
      const { stored } = await existing(ctx, params.id);
      const idempotencyKey = header('idempotency-key');
      const started = await runNow(ctx, { schedule: stored.schedule, actor: actor.name, idempotencyKey });
      audit.after = { exec_id: started.exec_id };
      await projected(ctx, started.seq, signal);
      const { exec_id, rollout_id } = started;
      const Location = rollout_id === null ? `/api/v1/executions/${exec_id}` : `/api/v1/rollouts/${rollout_id}`;
      return { headers: { Location }, body: { exec_id, rollout_id } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/schedules/:id/forecast',
    scope: 'read',
    summary: 'When it is due next, in which zone, and why it will not fire then; empty for a form that is looked at every minute',
    params: IdParam,
    query: object({ count: optional(whole(1, FORECAST_MAX)) }),
    response: pageOf(ForecastRow),
    status: 200,
    handler: ({ ctx, params, query }) => {
      const fires = forecastOf(ctx, readable(ctx, params.id), new Roster(ctx.agents)).take(query.count ?? 10);
      return { body: { items: [...fires].map((fire) => ({ ...fire, at: instant(fire.at) })), next: null } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/schedules/:id/coverage',
    scope: 'read',
    summary: 'Which PCs have it: satisfied, due, running, failing, unreachable, excluded and why; counts of all, items page by page',
    params: IdParam,
    query: object({ state: optional(enums(COVERAGE_STATES)), limit: optional(Limit), cursor: optional(CursorText) }),
    response: object({ counts: record(enums(COVERAGE_STATES), integer()), items: array(CoverageRow), next: nullable(string()) }),
    status: 200,
    handler: ({ ctx, params, query }) => {
      const { state, limit = LIMIT_DEFAULT, cursor } = query;
      const key = listKey(`coverage ${params.id}`, { state, limit });
      const after = cursor === undefined ? undefined : (decodeCursor(key, cursor, ['string'])[0] as string);
      const known = readable(ctx, params.id);
      const { stored, plan } = known;
      const { schedule, changed_at } = stored;
      const job = ctx.schedules.jobs.get(schedule.job_id);
      const version = job !== undefined && 'value' in job ? job.value.manifest.version : undefined;
      const all = coverage(ctx.db, {
        ...{ schedule, plan, version, roster: new Roster(ctx.agents) },
        ...{ changedAt: Date.parse(changed_at), now: ctx.clock(), blocked: blockedNow(ctx, known) },
      });
      const counts = Object.fromEntries(COVERAGE_STATES.map((one) => [one, 0])) as Record<CoverageState, number>;
      for (const row of all) counts[row.state]++;
      const rest = all.filter((row) => (state === undefined || row.state === state) && (after === undefined || row.pc_id > after));
      const items = rest.slice(0, limit);
      return { body: { counts, items, next: rest.length > limit ? encodeCursor(key, [items.at(-1)!.pc_id]) : null } };
    },
  }),
];

type EnableCall = Call<IdParam, unknown, unknown>;
function enabledRoute(verb: 'enable' | 'disable', enabled: boolean, summary: string): Route {
  return route({
    method: 'POST',
    path: `/api/v1/schedules/:id/${verb}`,
    scope: 'admin',
    summary,
    params: IdParam,
    response: Enabled,
    status: 200,
    audit: `schedule_${verb}`,
    handler: async ({ ctx, params, actor, audit, signal }: EnableCall) => {
      const kept = await existing(ctx, params.id);
      audit.before = { enabled: kept.stored.schedule.enabled ?? true };
      const { revision } = await setEnabled(ctx, kept, enabled, actor.name);
      await heard(ctx, 'schedules', revision, signal);
      audit.after = { enabled };
      return { headers: { ETag: etag(revision) }, body: { id: params.id, enabled } satisfies Infer<typeof Enabled> };
    },
  });
}

async function existing(ctx: HttpContext, id: string): Promise<KeptSchedule> {
  const kept = await getSchedule(ctx, id);
  if (kept === undefined) throw noSuch(id);
  return kept;
}

/** As the scheduler sees it. */
function readable(ctx: HttpContext, id: string): KnownSchedule {
  const entry = ctx.schedules.all.get(id);
  if (entry === undefined) throw noSuch(id);
  if ('error' in entry) throw new KanadeError('schedule_corrupt', `what is stored of schedule ${id} cannot be read: ${entry.error}`);
  return entry.value;
}

/** As this backend knows it; undefined when there is none that can be read. */
function knownDocument({ schedules }: HttpContext, id: string): Schedule | undefined {
  const entry = schedules.all.get(id);
  return entry !== undefined && 'value' in entry ? entry.value.stored.schedule : undefined;
}

function checked(ctx: HttpContext, id: string, body: ScheduleDocument): Schedule {
  const { agents, schedules } = ctx;
  return checkSchedule(body, {
    pathId: id,
    jobExists: schedules.jobs.get(body.job_id) !== undefined,
    roster: new Roster(agents),
    members: (group) => agents.members(group),
    before: knownDocument(ctx, id),
    now: ctx.clock(),
  });
}

/** What is stored, to compare with. Of what cannot be read every field counts as new. */
async function comparable(ctx: HttpContext, id: string) {
  try {
    const { stored, revision } = await existing(ctx, id);
    return { document: plain(stored.schedule), source: stored.source, revision };
  } catch (error) {
    if (!(error instanceof KanadeError)) throw error;
    if (error.code === 'not_found') return undefined;
    if (error.code !== 'schedule_corrupt') throw error;
    return { document: {}, source: null, revision: await revisionOf(ctx, id) };
  }
}

/** Enabled is what a schedule is when it does not say so. */
function plain({ enabled = true, ...schedule }: Schedule): Schedule {
  return enabled ? schedule : { ...schedule, enabled };
}

function documentOf({ schedules }: HttpContext, id: string): { etag?: string; document?: ScheduleDocument } {
  const entry = schedules.all.get(id);
  if (entry === undefined || 'error' in entry) return {};
  return { etag: etag(entry.revision), document: entry.value.stored.schedule as ScheduleDocument };
}

function noSuch(id: string): KanadeError {
  return new KanadeError('not_found', `there is no schedule ${id}`);
}

function forecastOf(ctx: HttpContext, known: KnownSchedule, roster: Roster) {
  const { plan, stored } = known;
  const { target } = stored.schedule;
  // Where nobody can tell whom it means, nobody can tell in which zones; a list tells of the others all the same.
  const local = () => (untold(ctx, target) === undefined ? roster.zonesOf(roster.members(target)) : []);
  const zones = plan.zone === 'local' ? local() : [plan.zone];
  return forecast(plan, { zones, now: ctx.clock(), held: heldBy(ctx, known) });
}

async function summaryOf(ctx: HttpContext, id: string, roster: Roster): Promise<Infer<typeof Summary>> {
  const entry = ctx.schedules.all.get(id)!;
  const nothing = { job_id: null, enabled: false, next_at: null, next_blocked: null, updated_at: null, updated_by: null };
  if ('error' in entry) return { id, ...nothing, error: `what is stored cannot be read: ${entry.error}` };
  const { schedule, updated_at, updated_by } = entry.value.stored;
  const next = forecastOf(ctx, entry.value, roster).next().value ?? undefined;
  return {
    id,
    job_id: schedule.job_id,
    enabled: schedule.enabled ?? true,
    error: untold(ctx, schedule.target) ?? (await errorOf(ctx, id, schedule.job_id)),
    next_at: next === undefined ? null : instant(next.at),
    next_blocked: next === undefined ? (blockedNow(ctx, entry.value) ?? null) : next.blocked,
    updated_at,
    updated_by,
  };
}

/** Why it cannot be told whom a schedule means, and it fires nothing. */
function untold({ dynamicGroups }: HttpContext, { groups = [] }: Schedule['target']): string | undefined {
  try {
    for (const group of groups) dynamicGroups.members(group);
    return undefined;
  } catch (error) {
    if (error instanceof KanadeError) return error.message;
    throw error;
  }
}

/** Of a form that is looked at every minute. */
function blockedNow(ctx: HttpContext, known: KnownSchedule): string | undefined {
  const { plan } = known;
  return heldBy(ctx, known) ?? (plan.zone === 'local' ? undefined : closedAt(plan, plan.zone, ctx.clock()));
}

async function errorOf({ schedules, nats }: HttpContext, id: string, jobId: string): Promise<string | null> {
  const state = schedules.states.get(id);
  if (state !== undefined && 'error' in state) return `what it has decided cannot be read, so it fires nothing: ${state.error}`;
  const job = schedules.jobs.get(jobId);
  if (job === undefined) return `there is no job ${jobId}`;
  if ('error' in job) return `job ${jobId} cannot be read: ${job.error}`;
  return (await statusOf(nats, jobId)) === 'REVOKED' ? `job ${jobId} is revoked` : null;
}
