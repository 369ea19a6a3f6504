import { array, enums, type Infer, nullable, object, optional, string } from 'superstruct';
import { KanadeError } from '#core/contract/errors.ts';
import { Id, sha256 } from '#core/contract/ids.ts';
import { unlessForged } from '#core/contract/sealed.ts';
import { Instant } from '#core/contract/time.ts';
import { inlineJson, inlineYaml } from '../../jobs/inline-script.ts';
import { checkJob, JobDocument } from '../../jobs/job-document.ts';
import { deleteJob, getJob, type KeptJob, putJob, setStatus, statusOf } from '../../jobs/job-store.ts';
import { listJobs } from '../../jobs/list-jobs.ts';
import { CursorText, Flag, IdParam, LIMIT_DEFAULT, Limit, ScriptText, word } from '../../schema/structs.ts';
import { parseYaml } from '../../schema/yaml.ts';
import { checkDocument, DocumentCheck } from '../check-document.ts';
import type { HttpContext } from '../context.ts';
import { decodeCursor, encodeCursor, listKey } from '../cursor.ts';
import { etag, expectedRevision } from '../etag.ts';
import { heard } from '../heard.ts';
import { pageOf } from '../page.ts';
import { decodeUtf8 } from '../read-body.ts';
import { type Answer, type Call, type Route, route } from '../route.ts';
import { answerDocument, YAML } from '../yaml.ts';

const JobStatus = object({ id: Id, status: enums(['ACTIVE', 'REVOKED']) });
type JobStatus = Infer<typeof JobStatus>;
type JobCall = Call<IdParam, unknown, unknown>;

const IF_MATCH = { name: 'If-Match', description: 'The ETag the job has to be at.' };

const Summary = object({
  id: Id,
  version: string(),
  description: nullable(string()),
  tags: array(string()),
  status: enums(['ACTIVE', 'REVOKED']),
  updated_at: Instant,
  updated_by: string(),
  /** With `documents=true`. */
  etag: optional(string()),
  document: optional(JobDocument),
});

export const jobRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/jobs',
    scope: 'read',
    summary: 'The jobs, by id; with `documents` each with all it says, and with `id` that one alone',
    query: object({ id: optional(Id), documents: optional(Flag), limit: optional(Limit), cursor: optional(CursorText) }),
    response: pageOf(Summary),
    status: 200,
    handler: async ({ ctx, query }) => {
      const { id, documents = false, limit = LIMIT_DEFAULT, cursor } = query;
      const key = listKey('jobs', query);
      const after = cursor === undefined ? undefined : (decodeCursor(key, cursor, ['string'])[0] as string);
      const { items, next } = await listJobs(ctx, { id, after, limit, documents });
      const rows = items.map(({ kept, ...job }) => (kept ? { ...job, etag: etag(kept.revision), document: kept.document } : job));
      return { body: { items: rows, next: next === undefined ? null : encodeCursor(key, [next]) } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/jobs/:id',
    scope: 'read',
    summary: 'A job, as JSON or as the YAML it was written in (Accept)',
    params: IdParam,
    response: JobDocument,
    produces: ['application/json', YAML],
    headers: [{ name: 'If-None-Match', description: 'The ETag that is known already: 304 when it still holds.' }],
    status: 200,
    handler: async (call) => {
      const job = await existing(call.ctx, call.params.id);
      return answerDocument(call, { ...job, headers: { 'X-Kanade-Status': job.status } });
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/jobs/check',
    scope: 'read',
    summary: 'What a PUT of this job would do: refused with the same faults, or what it would change. Changes nothing',
    body: JobDocument,
    parsers: { [YAML]: (raw) => parseYaml(decodeUtf8(raw)) },
    response: DocumentCheck,
    status: 200,
    handler: async (call) => {
      const { script_file: _blank, ...execute } = call.body.execute;
      checkJob(call.body, call.body.id);
      const kept = await getJob(call.ctx, call.body.id);
      return { body: checkDocument(call, { id: call.body.id, after: { ...call.body, execute }, kept }) };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/jobs/inline',
    scope: 'read',
    summary: 'The text of a job with the script in place of its script_file, comments kept, for whoever has the file. Changes nothing',
    body: object({ document: string(), type: word(['application/json', YAML]), script: ScriptText }),
    response: object({ document: string() }),
    status: 200,
    handler: ({ body: { document, type, script } }) => ({
      body: { document: type === YAML ? inlineYaml(document, script) : inlineJson(document, script) },
    }),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/jobs/:id',
    scope: 'admin',
    summary:
      'Makes or replaces a job: JSON or YAML. A new version makes agents refuse commands of the old one; it revokes and un-revokes nothing. A script changed under the same version: PCs that hold a command already run the text they were sent',
    params: IdParam,
    body: JobDocument,
    parsers: { [YAML]: (raw) => parseYaml(decodeUtf8(raw)) },
    response: JobDocument,
    headers: [IF_MATCH, { name: 'If-None-Match', description: '* = only if there is no such job yet.' }],
    status: 200,
    audit: 'job_put',
    handler: async ({ ctx, params, body, raw, contentType, header, actor, audit, signal }) => {
      checkJob(body, params.id);
      audit.after = summary(body);
      const before = await getJob(ctx, params.id).catch(unlessForged);
      if (before) audit.before = summary(before.document);
      const expected = expectedRevision({ ifMatch: header('if-match'), ifNoneMatch: header('if-none-match') }, before?.revision);
      const source = contentType === YAML ? decodeUtf8(raw) : null;
      const { revision, created } = await putJob(ctx, { document: body, source, actor: actor.name, expected });
      await heard(ctx, 'jobs', revision, signal);
      // What the PCs remember of the version that may run is an older one now.
      if (before !== undefined && before.document.version !== body.version) ctx.agents.sync(ctx.agents.enrolled());
      const headers = { ETag: etag(revision), 'X-Kanade-Status': await statusOf(ctx.nats, params.id) };
      return { status: created ? 201 : 200, headers, body };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/jobs/:id',
    scope: 'admin',
    summary: 'Deletes a job and revokes it: what was sent and has not started does not start any more',
    params: IdParam,
    headers: [IF_MATCH],
    status: 204,
    audit: 'job_delete',
    handler: async ({ ctx, params, header, audit, signal }) => {
      const job = await existing(ctx, params.id);
      audit.before = summary(job.document);
      expectedRevision({ ifMatch: header('if-match') }, job.revision);
      await heard(ctx, 'jobs', await deleteJob(ctx, params.id, job.revision), signal);
      ctx.agents.sync(ctx.agents.enrolled());
      return {};
    },
  }),
  statusRoute('revoke', 'REVOKED', 'Revokes a job: what was sent and has not started does not start any more'),
  statusRoute('unrevoke', 'ACTIVE', 'Allows a revoked job again'),
];

function statusRoute(verb: 'revoke' | 'unrevoke', status: JobStatus['status'], summary: string): Route {
  return route({
    method: 'POST',
    path: `/api/v1/jobs/:id/${verb}`,
    scope: 'admin',
    summary,
    params: IdParam,
    response: JobStatus,
    status: 200,
    audit: `job_${verb}`,
    handler: ({ ctx, params, audit }: JobCall) => changeStatus(ctx, params.id, status, audit),
  });
}

async function changeStatus(ctx: HttpContext, id: string, status: JobStatus['status'], audit: Call['audit']): Promise<Answer<JobStatus>> {
  const job = await existing(ctx, id);
  audit.before = { status: job.status };
  await setStatus(ctx.nats, id, status);
  audit.after = { status };
  ctx.agents.sync(ctx.agents.enrolled());
  return { body: { id, status } };
}

async function existing(ctx: HttpContext, id: string): Promise<KeptJob> {
  const job = await getJob(ctx, id);
  if (job === undefined) throw new KanadeError('not_found', `there is no job ${id}`);
  return job;
}

/** The job for the audit, its script as hash and length. */
function summary({ execute, ...job }: JobDocument) {
  const { script = '', ...rest } = execute;
  return { ...job, execute: { ...rest, script_sha256: sha256(script), script_bytes: Buffer.byteLength(script) } };
}
