import { any, boolean, enums, integer, nullable, object, optional, record, string } from 'superstruct';
import { KanadeError } from '#core/contract/errors.ts';
import { Id, sha256 } from '#core/contract/ids.ts';
import { Target } from '#core/contract/submission.ts';
import { TARGET_STATES } from '#core/contract/target-state.ts';
import { Instant } from '#core/contract/time.ts';
import { cancel } from '../../exec/cancel.ts';
import { CancelRequest, ExecutionRequest, RerunRequest } from '../../exec/requests.ts';
import { rerun } from '../../exec/rerun.ts';
import { submit } from '../../exec/submit.ts';
import { listExecutions } from '../../projectors/read/executions.ts';
import { shortOutput } from '../../projectors/read/results.ts';
import { listTargets, type TargetView } from '../../projectors/read/targets.ts';
import type { StartedRollout } from '../../rollouts/start-rollout.ts';
import { submitRollout } from '../../rollouts/submit-rollout.ts';
import { CursorText, Flag, IdParam, LIMIT_DEFAULT, Limit, listOf, PcId, PcIds, ShellName, text } from '../../schema/structs.ts';
import type { HttpContext } from '../context.ts';
import { decodeCursor, encodeCursor, listKey } from '../cursor.ts';
import { parsePosition, streamExecution } from '../execution-events.ts';
import { knownExecution } from '../known-execution.ts';
import { pageOf } from '../page.ts';
import { projected } from '../projected.ts';
import { type Answer, type Call, type Route, route } from '../route.ts';

export const StateCounts = object(
  Object.fromEntries(TARGET_STATES.map((state) => [state, integer()])) as Record<
    (typeof TARGET_STATES)[number],
    ReturnType<typeof integer>
  >,
);

const SUMMARY = {
  exec_id: Id,
  status: enums(['running', 'done']),
  recorded_at: Instant,
  submitted_at: nullable(Instant),
  actor: nullable(string()),
  job_id: nullable(string()),
  shell: nullable(ShellName),
  update_version: nullable(string()),
  script_preview: nullable(string()),
  target: nullable(Target),
  target_count: integer(),
  counts: StateCounts,
  expires_at: nullable(Instant),
  cancelled: nullable(object({ at: Instant, actor: string(), reason: nullable(string()) })),
  rerun_of: nullable(Id),
  schedule_id: nullable(Id),
  nominal_at: nullable(Instant),
  attempt: nullable(integer()),
  rollout_id: nullable(Id),
  wave: nullable(integer()),
};
const Execution = object({ ...SUMMARY, command: nullable(record(string(), any())), broadcast: nullable(boolean()) });
const TargetRow = object({
  pc_id: Id,
  state: enums(TARGET_STATES),
  reason: nullable(string()),
  exit_code: nullable(integer()),
  reboot_required: boolean(),
  started_at: nullable(Instant),
  finished_at: nullable(Instant),
  result_id: nullable(string()),
  stdout: optional(nullable(string())),
  stderr: optional(nullable(string())),
});
/** Bytes of a result that a list still shows the output of: a page of 500 stays below 4 MB. */
const SHORT_RESULT = 8 * 1024;
/** Of a rollout the execution is its first wave. */
const Submitted = object({ exec_id: Id, rollout_id: optional(Id) });

const PAGE = { limit: optional(Limit), cursor: optional(CursorText) };
const IDEMPOTENCY_KEY = { name: 'Idempotency-Key', description: 'The same key starts the same execution once, at whichever backend.' };

export const executionRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/executions',
    scope: 'operate',
    summary:
      'Runs a script or a job on PCs, or updates their agents, online or not; with `rollout` in waves (Location is then the rollout)',
    body: ExecutionRequest,
    response: Submitted,
    headers: [IDEMPOTENCY_KEY],
    status: 202,
    audit: 'execution_submit',
    handler: async (call) => {
      const { ctx, body: request, actor, audit } = call;
      audit.after = auditable(request);
      const { rollout, ...plain } = request;
      const asked = { actor: actor.name, idempotencyKey: idempotencyKey(call) };
      if (rollout === undefined) return accepted(call, await submit(ctx, { ...asked, request: plain }));
      return acceptedRollout(call, await submitRollout(ctx, { ...asked, request: { ...plain, rollout } }));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/executions',
    scope: 'read',
    summary: 'The executions, newest first. `pc`: it was for that PC. `state`: at least one PC, or with `pc` that one, is in one of them',
    query: object({
      job_id: optional(Id),
      schedule_id: optional(Id),
      rollout_id: optional(Id),
      actor: optional(text(1, 200)),
      pc: optional(PcId),
      state: optional(listOf(TARGET_STATES)),
      since: optional(Instant),
      ...PAGE,
    }),
    response: pageOf(object(SUMMARY)),
    status: 200,
    handler: ({ ctx, query }) => {
      const {
        job_id: jobId,
        schedule_id: scheduleId,
        rollout_id: rolloutId,
        actor,
        pc,
        state: states,
        since,
        limit = LIMIT_DEFAULT,
        cursor,
      } = query;
      const key = listKey('executions', query);
      const [recorded, execId] = cursor === undefined ? [] : (decodeCursor(key, cursor, ['number', 'string']) as [number, string]);
      const before = recorded === undefined ? undefined : { recorded, execId: execId! };
      const from = since === undefined ? undefined : Date.parse(since);
      const page = listExecutions(ctx.db, {
        jobId,
        scheduleId,
        rolloutId,
        actor,
        pc,
        states,
        since: from,
        before,
        limit,
        now: ctx.clock(),
      });
      return { body: { items: page.items, next: page.next ? encodeCursor(key, [page.next.recorded, page.next.execId]) : null } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/executions/:id',
    scope: 'read',
    summary: 'One execution: what was sent, its status, how many PCs are in which state',
    params: IdParam,
    response: Execution,
    status: 200,
    handler: async ({ ctx, params }) => ({ body: await knownExecution(ctx, params.id) }),
  }),
  route({
    method: 'GET',
    path: '/api/v1/executions/:id/targets',
    scope: 'read',
    summary:
      'The PCs of an execution and what became of it on each. `output=true`: also what they wrote, where it is short; where stdout is null, ask for the result',
    params: IdParam,
    query: object({ state: optional(listOf(TARGET_STATES)), pc: optional(PcIds), output: optional(Flag), ...PAGE }),
    response: pageOf(TargetRow),
    status: 200,
    handler: async ({ ctx, params, query }) => {
      await knownExecution(ctx, params.id);
      const { state: states, pc: pcs, output, limit = LIMIT_DEFAULT, cursor } = query;
      const key = listKey(`targets ${params.id}`, query);
      const after = cursor === undefined ? undefined : (decodeCursor(key, cursor, ['string'])[0] as string);
      const page = listTargets(ctx.db, params.id, { states, pcs, after, limit, now: ctx.clock() });
      const items = output === true ? page.items.map((row) => ({ ...row, ...outputOf(ctx, params.id, row) })) : page.items;
      return { body: { items, next: page.next === undefined ? null : encodeCursor(key, [page.next]) } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/executions/:id/events',
    scope: 'read',
    summary: 'What becomes of an execution, live: events target, execution, done',
    params: IdParam,
    produces: ['text/event-stream'],
    headers: [{ name: 'Last-Event-ID', description: 'Go on behind this event.' }],
    status: 200,
    handler: async ({ ctx, params, header, signal }) => {
      await knownExecution(ctx, params.id);
      const since = parsePosition(header('last-event-id'));
      return { events: (stream) => streamExecution(ctx, params.id, since, stream, signal) };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/executions/:id/cancel',
    scope: 'operate',
    summary: 'Cancels an execution, or some PCs of it',
    params: IdParam,
    body: CancelRequest,
    bodyOptional: true,
    response: object({ cancelled: integer() }),
    status: 200,
    audit: 'execution_cancel',
    handler: async ({ ctx, params, body, actor, audit, signal }) => {
      audit.before = (await knownExecution(ctx, params.id)).counts;
      const { cancelled, seq } = await cancel(ctx, { actor: actor.name, execId: params.id, pcs: body.pcs });
      audit.after = { cancelled, ...(body.pcs === undefined ? {} : { pcs: body.pcs }) };
      await projected(ctx, seq, signal);
      return { body: { cancelled } };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/executions/:id/rerun',
    scope: 'operate',
    summary: 'Runs the same again on the PCs that are in one of the states',
    params: IdParam,
    body: RerunRequest,
    response: Submitted,
    headers: [IDEMPOTENCY_KEY],
    status: 202,
    audit: 'execution_rerun',
    handler: async (call) => {
      const { ctx, params, body, actor, audit } = call;
      audit.after = { rerun_of: params.id, states: body.states };
      return accepted(
        call,
        await rerun(ctx, { actor: actor.name, execId: params.id, states: body.states, idempotencyKey: idempotencyKey(call) }),
      );
    },
  }),
];

function outputOf(
  { db }: Pick<HttpContext, 'db'>,
  execId: string,
  { pc_id: pcId, result_id: resultId }: TargetView,
): Record<'stdout' | 'stderr', string | null> {
  const short = resultId === null ? undefined : shortOutput(db, { resultId, execId, pcId }, SHORT_RESULT);
  return short ?? { stdout: null, stderr: null };
}

/** 202 once this backend can show what was submitted. */
async function accepted(
  call: Pick<Call, 'ctx' | 'audit' | 'signal'>,
  submission: { exec_id: string; seq: number },
): Promise<Answer<{ exec_id: string }>> {
  const { exec_id, seq } = submission;
  call.audit.target = `executions/${exec_id}`;
  await projected(call.ctx, seq, call.signal);
  return { headers: { Location: `/api/v1/executions/${exec_id}` }, body: { exec_id } };
}

/** The same for a rollout, whose first wave is what can be shown. */
async function acceptedRollout(
  call: Pick<Call, 'ctx' | 'audit' | 'signal'>,
  { rollout_id, exec_id, seq }: StartedRollout,
): Promise<Answer<{ exec_id: string; rollout_id: string }>> {
  call.audit.target = `rollouts/${rollout_id}`;
  await projected(call.ctx, seq, call.signal);
  return { headers: { Location: `/api/v1/rollouts/${rollout_id}` }, body: { exec_id, rollout_id } };
}

function idempotencyKey({ header }: Pick<Call, 'header'>): string | undefined {
  const key = header('idempotency-key');
  if (key === undefined || /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new KanadeError('bad_request', 'an Idempotency-Key is 1 to 255 visible ASCII characters');
}

/** A request as the audit keeps it for a year: the script as hash and length, of the environment the names only. */
function auditable({ script, env, ...request }: ExecutionRequest) {
  return {
    ...request,
    ...(script === undefined ? {} : { script_sha256: sha256(script), script_bytes: Buffer.byteLength(script) }),
    ...(env === undefined ? {} : { env: Object.keys(env) }),
  };
}
