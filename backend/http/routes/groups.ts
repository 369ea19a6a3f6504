import { array, enums, type Infer, integer, nullable, object, optional, size, string } from 'superstruct';
import { KanadeError } from '#core/contract/errors.ts';
import { foldGroup, Id } from '#core/contract/ids.ts';
import { CONDITIONS_MAX } from '#core/contract/registry.ts';
import { Instant } from '#core/contract/time.ts';
import { getGroups, groupSet, putGroups } from '../../agents/groups.ts';
import type { GroupToFind } from '../../inventory/dynamic-groups.ts';
import { deleteGroup, groupRevision, putGroup } from '../../inventory/group-store.ts';
import { annotate } from '../../schema/json-schema.ts';
import { groupNames, PcParam, text } from '../../schema/structs.ts';
import { readConditions } from '../conditions.ts';
import type { HttpContext } from '../context.ts';
import { etag, expectedRevision, isNotModified } from '../etag.ts';
import { heard } from '../heard.ts';
import { noSuchGroup } from '../known-group.ts';
import { pageOf } from '../page.ts';
import { type Route, route } from '../route.ts';
import { knownAgent } from './agents.ts';

const GROUPS_MAX = 200;
/** `etag`: that of the header, for whoever reads bodies only. */
const Membership = object({ pc_id: Id, groups: array(Id), etag: string() });
const GroupParam = object({ group: Id });
const KINDS = ['static', 'dynamic'] as const;
const IF_MATCH = { name: 'If-Match', description: 'The ETag the group has to be at.' };

const Group = object({
  group: Id,
  kind: enums(KINDS),
  /** Of a dynamic group, as it was written. */
  query: nullable(array(string())),
  description: nullable(string()),
  updated_at: nullable(Instant),
  updated_by: nullable(string()),
  /** Null while it is not known who is in it. */
  members: nullable(array(Id)),
  /** Why that is not known. */
  error: nullable(string()),
  /** That of the header; null of a static group. */
  etag: nullable(string()),
});
type Group = Infer<typeof Group>;

const GroupRow = object({
  group: Id,
  kind: enums(KINDS),
  members: nullable(integer()),
  query: nullable(array(string())),
  description: nullable(string()),
  error: nullable(string()),
});

const CONDITIONS = { type: 'array', items: { type: 'string', examples: ['os.build>=22000'] }, minItems: 1, maxItems: CONDITIONS_MAX };
const GroupBody = object({
  query: annotate(size(array(string()), 1, CONDITIONS_MAX), CONDITIONS),
  description: optional(text(0, 10_000)),
});

export const groupRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/groups',
    scope: 'read',
    summary:
      'Every static group that has a member, and every dynamic one, with how many. Names are compared without case; shown of a static one is the spelling of the first member',
    response: pageOf(GroupRow),
    status: 200,
    handler: ({ ctx }) => {
      const { agents, dynamicGroups } = ctx;
      const statics = agents.groups().filter(({ group }) => !dynamicGroups.has(group));
      const items = [
        ...statics.map((one) => ({ ...one, kind: 'static' as const, query: null, description: null, error: null })),
        ...[...dynamicGroups.all.keys()].map((key) => rowOf(ctx, key)),
      ];
      items.sort((a, b) => (foldGroup(a.group) < foldGroup(b.group) ? -1 : 1));
      return { body: { items, next: null } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/groups/:group',
    scope: 'read',
    summary: 'A group: who is in it, and of a dynamic one what says so',
    params: GroupParam,
    response: Group,
    status: 200,
    handler: ({ ctx, params: { group } }) => {
      const known = ctx.dynamicGroups.get(group);
      if (known !== undefined) return { headers: { ETag: etag(known.revision) }, body: viewOf(ctx, known) };
      const found = ctx.agents.groups().find((one) => foldGroup(one.group) === foldGroup(group));
      if (found === undefined) throw noSuchGroup(group);
      const nothing = { query: null, description: null, updated_at: null, updated_by: null, error: null, etag: null };
      return { body: { group: found.group, kind: 'static' as const, ...nothing, members: ctx.agents.staticMembers(group).sort() } };
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/groups/:group',
    scope: 'operate',
    summary:
      'Makes or replaces a dynamic group: the PCs whose inventory is what all conditions say, now and as it changes. Conditions are those of a search; 409 when PCs were put into a group of that name',
    params: GroupParam,
    body: GroupBody,
    response: Group,
    headers: [IF_MATCH, { name: 'If-None-Match', description: '* = only if there is no such dynamic group yet.' }],
    status: 200,
    audit: 'group_put',
    handler: async ({ ctx, params: { group }, body, header, actor, audit, signal }) => {
      const { query, description } = body;
      audit.before = documentOf(ctx, group);
      audit.after = body;
      readConditions(query, { code: 'invalid_body', pointer: (_, n) => `/query/${n}` });
      const [pc, ...more] = ctx.agents.staticMembers(group);
      if (pc !== undefined)
        throw new KanadeError(
          'group_kind',
          `${pc}${more.length === 0 ? ' was' : ` and ${more.length} more were`} put into the group ${group}`,
        );
      const current = await groupRevision(ctx, group);
      const tags = { ifMatch: header('if-match'), ifNoneMatch: header('if-none-match') };
      const expected = expectedRevision(tags, current === 0 ? undefined : current);
      const { revision, created } = await putGroup(ctx, { group, query, description, actor: actor.name, expected });
      await heard(ctx, 'dynamic_groups', revision, signal);
      const known = ctx.dynamicGroups.get(group);
      // Not heard of yet, or deleted by somebody else.
      if (known === undefined) throw new KanadeError('not_ready', `the group ${group} is stored and not known here yet`);
      return { status: created ? 201 : 200, headers: { ETag: etag(revision) }, body: viewOf(ctx, known) };
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/groups/:group',
    scope: 'operate',
    summary: 'Deletes a dynamic group: what names it means nobody by it from now on. A static group goes with its last member',
    params: GroupParam,
    headers: [IF_MATCH],
    status: 204,
    audit: 'group_delete',
    handler: async ({ ctx, params: { group }, header, audit, signal }) => {
      audit.before = documentOf(ctx, group);
      const revision = await groupRevision(ctx, group);
      if (revision === 0) {
        if (ctx.agents.staticMembers(group).length === 0) throw noSuchGroup(group);
        throw new KanadeError('group_kind', `the group ${group} is static: it goes with its last member`);
      }
      expectedRevision({ ifMatch: header('if-match') }, revision);
      await heard(ctx, 'dynamic_groups', await deleteGroup(ctx, group, revision), signal);
      return {};
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/agents/:pc/groups',
    scope: 'read',
    summary: 'The groups that were set for a PC: not the dynamic ones, which nobody sets',
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
    body: object({ groups: groupNames(GROUPS_MAX) }),
    response: Membership,
    headers: [{ name: 'If-Match', description: 'The ETag the groups have to be at.' }],
    status: 200,
    audit: 'groups_put',
    handler: async ({ ctx, params, body, header, audit }) => {
      knownAgent(ctx, params.pc);
      const before = await getGroups(ctx, params.pc);
      audit.before = before.groups;
      const groups = groupSet(body.groups, (group) => ctx.dynamicGroups.has(group));
      audit.after = groups;
      const expected = expectedRevision({ ifMatch: header('if-match') }, before.revision);
      const { revision } = await putGroups(ctx, params.pc, groups, expected);
      return { headers: { ETag: etag(revision) }, body: { pc_id: params.pc, groups, etag: etag(revision) } };
    },
  }),
];

function viewOf(ctx: HttpContext, { definition, revision }: GroupToFind): Group {
  const { group, query, description = null, updated_at, updated_by } = definition;
  return { group, kind: 'dynamic', query, description, updated_at, updated_by, ...membersOf(ctx, group), etag: etag(revision) };
}

function rowOf(ctx: HttpContext, key: string): Infer<typeof GroupRow> {
  const { members, error } = membersOf(ctx, key);
  const known = documentOf(ctx, key);
  const { query = null, description = null } = known ?? {};
  return { group: known?.group ?? key, kind: 'dynamic', members: members?.length ?? null, query, description, error };
}

function membersOf({ agents }: HttpContext, group: string): Pick<Group, 'members' | 'error'> {
  try {
    return { members: agents.members(group).sort(), error: null };
  } catch (error) {
    if (!(error instanceof KanadeError)) throw error;
    return { members: null, error: error.message };
  }
}

/** What a dynamic group says; undefined when there is none that can be read. */
function documentOf({ dynamicGroups }: HttpContext, group: string): { group: string; query: string[]; description?: string } | undefined {
  try {
    const known = dynamicGroups.get(group);
    if (known === undefined) return undefined;
    const { group: name, query, description } = known.definition;
    return { group: name, query, ...(description === undefined ? {} : { description }) };
  } catch (error) {
    if (error instanceof KanadeError && error.code === 'group_corrupt') return undefined;
    throw error;
  }
}
