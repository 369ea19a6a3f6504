import { array, integer, object, size, string } from 'superstruct';
import { Id } from '#core/contract/ids.ts';
import { getGroups, groupSet, putGroups } from '../../agents/groups.ts';
import { annotate } from '../../schema/json-schema.ts';
import { PcParam } from '../../schema/structs.ts';
import { etag, expectedRevision, isNotModified } from '../etag.ts';
import { pageOf } from '../page.ts';
import { type Route, route } from '../route.ts';
import { knownAgent } from './agents.ts';

const GROUPS_MAX = 200;
/** `etag`: that of the header, for whoever reads bodies only. */
const Membership = object({ pc_id: Id, groups: array(Id), etag: string() });

export const groupRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/groups',
    scope: 'read',
    summary: 'Every group that has a member, with how many. Names are compared without case; shown is the spelling of the first member',
    response: pageOf(object({ group: Id, members: integer() })),
    status: 200,
    handler: ({ ctx }) => ({ body: { items: ctx.agents.groups(), next: null } }),
  }),
  route({
    method: 'GET',
    path: '/api/v1/agents/:pc/groups',
    scope: 'read',
    summary: 'The groups of a PC',
    params: PcParam,
    response: Membership,
    headers: [{ name: 'If-None-Match', description: 'The ETag that is known already: 304 when it still holds.' }],
    status: 200,
    handler: async ({ ctx, params, header }) => {
      knownAgent(ctx, params.pc);
      const { groups, revision } = await getGroups(ctx, params.pc);
      const headers = { ETag: etag(revision) };
      if (isNotModified(header('if-none-match'), revision)) return { status: 304, headers };
      return { headers, body: { pc_id: params.pc, groups, etag: etag(revision) } };
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/agents/:pc/groups',
    scope: 'operate',
    summary: 'Sets the groups of a PC: all of them',
    params: PcParam,
    body: object({ groups: annotate(size(array(Id), 0, GROUPS_MAX), { type: 'array', items: { type: 'string' }, maxItems: GROUPS_MAX }) }),
    response: Membership,
    headers: [{ name: 'If-Match', description: 'The ETag the groups have to be at.' }],
    status: 200,
    audit: 'groups_put',
    handler: async ({ ctx, params, body, header, audit }) => {
      knownAgent(ctx, params.pc);
      const before = await getGroups(ctx, params.pc);
      audit.before = before.groups;
      const groups = groupSet(body.groups);
      audit.after = groups;
      const expected = expectedRevision({ ifMatch: header('if-match') }, before.revision);
      const { revision } = await putGroups(ctx, params.pc, groups, expected);
      return { headers: { ETag: etag(revision) }, body: { pc_id: params.pc, groups, etag: etag(revision) } };
    },
  }),
];
