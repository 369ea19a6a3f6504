import { array, enums, type Infer, nullable, object, optional, string } from 'superstruct';
import { KanadeError } from '#core/contract/errors.ts';
import { Id, sha256 } from '#core/contract/ids.ts';
import { Instant } from '#core/contract/time.ts';
import { checkJob, JobDocument } from '../../jobs/job-document.ts';
import { deleteJob, getJob, type KeptJob, putJob, setStatus, statusOf } from '../../jobs/job-store.ts';
import { listJobs } from '../../jobs/list-jobs.ts';
import { CursorText, IdParam, LIMIT_DEFAULT, Limit } from '../../schema/structs.ts';
import { parseYaml, toYaml } from '../../schema/yaml.ts';
import type { HttpContext } from '../context.ts';
import { decodeCursor, encodeCursor, listKey } from '../cursor.ts';
import { etag, expectedRevision, isNotModified } from '../etag.ts';
import { pageOf } from '../page.ts';
import { decodeUtf8 } from '../read-body.ts';
import { type Answer, type Call, type Route, route } from '../route.ts';
import { wantsYaml, YAML } from '../yaml.ts';

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
});

export const jobRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/jobs',
    scope: 'read',
    summary: 'The jobs, by id',
    query: object({ limit: optional(Limit), cursor: optional(CursorText) }),
    response: pageOf(Summary),
    status: 200,
    handler: async ({ ctx, query }) => {
      const { limit = LIMIT_DEFAULT, cursor } = query;
      const key = listKey('jobs', query);
      const after = cursor === undefined ? undefined : (decodeCursor(key, cursor, ['string'])[0] as string);
      const { items, next } = await listJobs(ctx, { after, limit });
      return { body: { items, next: next === undefined ? null : encodeCursor(key, [next]) } };
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
      const headers = {
        ETag: etag(job.revision),
        Vary: 'Accept',
        'Last-Modified': new Date(job.updated_at).toUTCString(),
        'X-Kanade-Status': job.status,
      };
      if (isNotModified(call.header('if-none-match'), job.revision)) return { status: 304, headers };
      if (!wantsYaml(call.header('accept'))) return { headers, body: job.document };
      return { headers, content: { type: `${YAML}; charset=utf-8`, parts: [Buffer.from(job.source ?? toYaml(job.document))] } };
    },
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
    handler: async ({ ctx, params, body, raw, contentType, header, actor, audit }) => {
      checkJob(body, params.id);
      audit.after = summary(body);
      const before = await getJob(ctx, params.id);
      if (before) audit.before = summary(before.document);
      const expected = expectedRevision({ ifMatch: header('if-match'), ifNoneMatch: header('if-none-match') }, before?.revision);
      const source = contentType === YAML ? decodeUtf8(raw) : null;
      const { revision, created } = await putJob(ctx, { document: body, source, actor: actor.name, expected });
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
    handler: async ({ ctx, params, header, audit }) => {
      const job = await existing(ctx, params.id);
      audit.before = summary(job.document);
      expectedRevision({ ifMatch: header('if-match') }, job.revision);
      await deleteJob(ctx, params.id, job.revision);
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
