import { boolean, enums, integer, nullable, object, string } from 'superstruct';
import { KanadeError } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import { ErrorRecord, OUTCOMES } from '#core/contract/result.ts';
import { Instant } from '#core/contract/time.ts';
import { findRun, getResult, type ResultView } from '../../projectors/read/results.ts';
import { IdParam } from '../../schema/structs.ts';
import type { HttpContext } from '../context.ts';
import { isText, type OutputName, outputOf } from '../output-bytes.ts';
import { parseTailPosition, tailResult } from '../result-tail.ts';
import { type Route, route } from '../route.ts';

const Result = object({
  result_id: string(),
  request_id: string(),
  exec_id: Id,
  pc_id: Id,
  manifest_id: string(),
  version: string(),
  outcome: enums(OUTCOMES),
  reason: nullable(string()),
  detail: nullable(string()),
  exit_code: nullable(integer()),
  reboot_required: boolean(),
  stdout: string(),
  stderr: string(),
  stdout_bytes: integer(),
  stderr_bytes: integer(),
  stdout_chunks: integer(),
  stderr_chunks: integer(),
  stdout_truncated: boolean(),
  stderr_truncated: boolean(),
  error_record: nullable(ErrorRecord),
  started_at: nullable(Instant),
  finished_at: Instant,
  recorded_at: Instant,
});

export const resultRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/results/:id',
    scope: 'read',
    summary: 'What one PC said of one execution; stdout and stderr are previews when they came in chunks. 503 result_pending while it runs',
    params: IdParam,
    response: Result,
    status: 200,
    handler: ({ ctx, params }) => ({ body: knownResult(ctx, params.id) }),
  }),
  outputRoute('stdout'),
  outputRoute('stderr'),
  route({
    method: 'GET',
    path: '/api/v1/results/:id/tail',
    scope: 'read',
    summary: 'What a running script writes, live: events stdout, stderr, waiting, done',
    params: IdParam,
    produces: ['text/event-stream'],
    headers: [{ name: 'Last-Event-ID', description: 'Go on behind this event.' }],
    status: 200,
    handler: ({ ctx, params, header, signal }) => {
      const pc = findRun(ctx.db, params.id)?.pcId;
      if (pc === undefined) knownResult(ctx, params.id);
      const from = parseTailPosition(header('last-event-id'));
      return { events: (stream) => tailResult(ctx, { resultId: params.id, pc, from }, stream, signal) };
    },
  }),
];

function outputRoute(name: OutputName): Route {
  return route({
    method: 'GET',
    path: `/api/v1/results/:id/${name}`,
    scope: 'read',
    summary: `The bytes a script wrote to ${name}, as they were, also when they came in chunks`,
    params: IdParam,
    produces: ['application/octet-stream', 'text/plain'],
    status: 200,
    handler: async ({ ctx, params }) => {
      const result = knownResult(ctx, params.id);
      const parts = await outputOf(ctx.nats, result, name, ctx.clock());
      const headers = {
        'X-Kanade-Total-Bytes': String(result[`${name}_bytes`]),
        'X-Kanade-Truncated': String(result[`${name}_truncated`]),
      };
      return { headers, content: { type: isText(parts) ? 'text/plain; charset=utf-8' : 'application/octet-stream', parts } };
    },
  });
}

function knownResult(ctx: HttpContext, id: string): ResultView {
  const result = getResult(ctx.db, id);
  if (result !== undefined) return result;
  const run = findRun(ctx.db, id);
  if (run === undefined) throw new KanadeError('not_found', `there is no result ${id}`);
  // Its id is known from the start on, and "no such thing" would send whoever has it away.
  throw new KanadeError('result_pending', `${run.pcId} still runs it: /api/v1/results/${id}/tail shows what it writes`);
}
