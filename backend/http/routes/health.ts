import { array, boolean, enums, literal, nullable, number, object, optional, record, string } from 'superstruct';
import { Instant, instant } from '#core/contract/time.ts';
import { releaseEnds, releaseWarnings } from '../../releases/release-ends.ts';
import type { HttpContext } from '../context.ts';
import { type Route, route } from '../route.ts';

const StreamFill = object({ name: string(), bytes: number(), max_bytes: number(), fill: nullable(number()) });
const Readiness = object({
  ready: boolean(),
  reasons: array(string()),
  warnings: array(string()),
  certificates: array(object({ certificate: enums(['api', 'broker', 'ca']), expires_at: Instant })),
  projectors: record(
    string(),
    object({ seq: number(), lag: number(), caught_up: boolean(), error: optional(string()), replaced: optional(Instant) }),
  ),
  streams: array(StreamFill),
  disk: object({ free_bytes: number(), total_bytes: number(), fill: number() }),
});

export const healthRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/healthz',
    scope: undefined,
    summary: 'The process lives; whether it runs open, without identities',
    response: object({ ok: literal(true), open: boolean() }),
    status: 200,
    handler: ({ ctx }) => ({ body: { ok: true as const, open: ctx.open } }),
  }),
  route({
    method: 'GET',
    path: '/readyz',
    scope: undefined,
    summary:
      'Whether this backend answers with all it has; 503 with the reasons until then. How full streams and disk are, and when certificates end',
    response: Readiness,
    status: 200,
    handler: async ({ ctx }) => {
      const body = await readiness(ctx);
      return { status: body.ready ? 200 : 503, body };
    },
  }),
  route({
    method: 'GET',
    path: '/metrics',
    scope: undefined,
    summary: 'Metrics in the text format of Prometheus',
    produces: ['text/plain'],
    status: 200,
    handler: async ({ ctx }) => {
      const { registry } = ctx.metrics;
      return { content: { type: registry.contentType, parts: [Buffer.from(await registry.metrics())] } };
    },
  }),
];

async function readiness(ctx: HttpContext) {
  const reasons: string[] = [];
  const projectors: Record<string, { seq: number; lag: number; caught_up: boolean; error?: string; replaced?: string }> = {};
  if (!ctx.nats.connected) reasons.push('there is no connection to the broker');
  if (!ctx.tokens.ready) reasons.push('the tokens have not been read yet');
  for (const [stream, { seq, lag, caughtUp, error, replaced }] of Object.entries(ctx.projection.status().streams)) {
    projectors[stream] = {
      seq,
      lag,
      caught_up: caughtUp,
      ...(error === undefined ? {} : { error }),
      ...(replaced === undefined ? {} : { replaced }),
    };
    if (!caughtUp) reasons.push(`${stream}: ${lag} messages are not projected yet${error === undefined ? '' : ` (${error})`}`);
  }
  if (!ctx.dynamicGroups.ready) reasons.push('it is not known yet who is in the dynamic groups');
  const { streams, disk, error } = await ctx.fill.read();
  if (error !== undefined && ctx.nats.connected) reasons.push(`the streams cannot be asked: ${error}`);
  const certificates = ctx.certificates.all().map(({ what, ends }) => ({ certificate: what, expires_at: instant(ends.getTime()) }));
  const warnings = [...ctx.certificates.warnings(), ...releaseWarnings(releaseEnds(ctx.releases), ctx.clock())];
  return { ready: reasons.length === 0, reasons, warnings, certificates, projectors, streams, disk };
}
