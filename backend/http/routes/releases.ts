import { array, boolean, integer, object, string } from 'superstruct';
import { KanadeError } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import { Instant } from '#core/contract/time.ts';
import { PLATFORMS, Sha256 } from '#core/release/manifest.ts';
import { type ReleaseView, releaseView } from '../../releases/stored-release.ts';
import { passOver, takeRelease } from '../../releases/take-release.ts';
import { annotate } from '../../schema/json-schema.ts';
import { word } from '../../schema/structs.ts';
import { networkOf } from '../limits.ts';
import { type Route, route } from '../route.ts';

const ReleaseShape = {
  release: Id,
  version: string(),
  platform: word(PLATFORMS),
  serial: integer(),
  created_at: Instant,
  expires_at: Instant,
  expired: boolean(),
  files: integer(),
  bytes: integer(),
  envelope_sha256: string(),
  signed_by: array(string()),
  uploaded_at: Instant,
  uploaded_by: string(),
};
const ReleaseAnswer = object(ReleaseShape);
const ReleaseParam = object({ release: Id });
const HashParam = object({ hash: annotate(Sha256, { type: 'string', pattern: '^[0-9a-f]{64}$' }) });

const OCTETS = 'application/octet-stream';
/** A hash never means anything else. */
const FOR_GOOD = 'public, max-age=31536000, immutable';

export const releaseRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/releases',
    scope: 'admin',
    summary:
      'Adds a release of the agent: the file that `npm run pack` made. Refused unless a key signed it that this backend knows; the same version signed anew takes the place of the older signing',
    uploads: OCTETS,
    response: ReleaseAnswer,
    status: 201,
    audit: 'release_add',
    handler: async ({ ctx, upload, actor, audit, signal }) => {
      const { release, before } = await takeRelease(ctx, upload, { actor: actor.name, signal }).catch(async (error) => {
        await passOver(upload);
        throw error;
      });
      const view = releaseView(release, ctx.clock());
      audit.target = `releases/${view.release}`;
      if (before !== undefined) audit.before = releaseView(before, ctx.clock());
      audit.after = view;
      return { status: before === undefined ? 201 : 200, headers: { Location: `/api/v1/releases/${view.release}` }, body: view };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/releases',
    scope: 'read',
    summary: 'The releases of the agent that PCs may be told to take, the highest version first',
    response: object({ items: array(ReleaseAnswer) }),
    status: 200,
    handler: ({ ctx }): { body: { items: ReleaseView[] } } => ({
      body: { items: ctx.releases.all().map((release) => releaseView(release, ctx.clock())) },
    }),
  }),
  route({
    method: 'GET',
    path: '/api/v1/releases/:release',
    scope: 'read',
    summary: 'One release',
    params: ReleaseParam,
    response: ReleaseAnswer,
    status: 200,
    handler: ({ ctx, params }) => {
      const found = ctx.releases.get(params.release);
      if (found === undefined) throw new KanadeError('not_found', `there is no release ${params.release}`);
      return { body: releaseView(found, ctx.clock()) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/releases/:release',
    scope: 'admin',
    summary: 'Removes a release: no PC is told to take it any more, and its files are no longer given out. PCs that have it keep it',
    params: ReleaseParam,
    status: 204,
    audit: 'release_remove',
    handler: async ({ ctx, params, audit, signal }) => {
      const removed = await ctx.releases.remove(params.release, signal);
      audit.target = `releases/${params.release}`;
      if (removed !== undefined) audit.before = releaseView(removed, ctx.clock());
      return {};
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/releases/files/:hash',
    scope: undefined,
    summary:
      'A file of a release by its hash, or the package for new PCs: there is nothing secret in it. 503 with Retry-After when as many are being downloaded as may be at once',
    params: HashParam,
    produces: [OCTETS],
    status: 200,
    handler: async ({ ctx, params: { hash: sha256 }, header, headersOnly, address }) => {
      const size = ctx.releases.sizeOf(sha256) ?? ctx.packages.sizeOf(sha256);
      if (size === undefined) throw new KanadeError('not_found', `neither a release nor the package for new PCs has a file ${sha256}`);
      const headers = { ETag: `"${sha256}"`, 'Cache-Control': FOR_GOOD };
      if (header('if-none-match')?.includes(headers.ETag)) return { status: 304, headers };
      // Node would read it all to throw it away, as fast as it can.
      if (headersOnly) return { headers: { ...headers, 'Content-Type': OCTETS, 'Content-Length': String(size) } };
      const download = ctx.downloads.enter(networkOf(address ?? ''));
      try {
        const handle = await ctx.releaseFiles.open({ sha256, size });
        return { headers, file: { type: OCTETS, size, handle, download } };
      } catch (error) {
        download.leave();
        throw error;
      }
    },
  }),
];
