import { any, array, boolean, integer, nullable, object, optional, size, string } from 'superstruct';
import { Id } from '#core/contract/ids.ts';
import type { InventoryFault } from '#core/contract/inventory.ts';
import { Instant } from '#core/contract/time.ts';
import { conditionText } from '../../inventory/condition.ts';
import { fleetRows } from '../../inventory/fleet-rows.ts';
import { queryOf } from '../../inventory/query.ts';
import { type Found, findPcs, rowsThatFit } from '../../inventory/search.ts';
import type { Slice } from '../../inventory/slices.ts';
import { type FaultyRow, sectionsWithFaults } from '../../projectors/read/inventory.ts';
import { pageOfRows } from '../../projectors/read/page.ts';
import { CursorText, Flag, LIMIT_DEFAULT, Limit, SectionName } from '../../schema/structs.ts';
import type { HttpContext } from '../context.ts';
import { decodeCursor, encodeCursor, listKey } from '../cursor.ts';
import { membersOfKnown } from '../known-group.ts';
import { pageOf } from '../page.ts';
import { type Call, type Route, route } from '../route.ts';
import { smallest } from '../smallest.ts';
import { refusal } from '../validate.ts';
import { Fault } from './agent-inventory.ts';

/** Rows of one PC that a search shows. */
const MATCHES_MAX = 20;
const AT_ONCE = 200;

const FleetQuery = object({ group: optional(Id), online: optional(Flag), limit: optional(Limit), cursor: optional(CursorText) });
type FleetQuery = { group?: string; online?: boolean; limit?: number; cursor?: string };

export const fleetInventoryRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/inventory/search',
    scope: 'read',
    summary:
      'The PCs whose inventory is what all conditions say, and the rows that made them so, at most 20 of each PC. Retired PCs are left out; 404 for a group that there is not',
    query: FleetQuery,
    conditions: true,
    response: pageOf(object({ pc_id: Id, online: boolean(), matches: array(object({ section: string(), row: any() })) })),
    status: 200,
    handler: async (call) => {
      const { ctx, query, conditions } = call;
      if (conditions.length === 0)
        throw refusal('invalid_query', [
          { pointer: '', message: 'has no condition: name at least one, such as software.name=Google Chrome' },
        ]);
      const { limit = LIMIT_DEFAULT, cursor } = query;
      const key = keyOf('inventory-search', call);
      const after = cursor === undefined ? '' : (decodeCursor(key, cursor, ['string'])[0] as string);
      const { slice, found } = await search(call);
      const behind = [...found.pcs].filter((pc) => pc > after);
      const pcs = smallest(behind, limit + 1, (a, b) => (a < b ? -1 : 1));
      const items = [];
      for (const pc of pcs.slice(0, limit)) {
        items.push({ pc_id: pc, online: ctx.agents.beats.online(pc), matches: await matchesOf(ctx, pc, found, slice) });
        if (slice.over) await slice.pause();
      }
      return { body: { items, next: pcs.length > limit ? encodeCursor(key, [pcs[limit - 1]!]) : null } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/inventory/sections',
    scope: 'read',
    summary:
      'The sections that any PC has, with their fields: what can be searched. Those that agents collect, and of custom ones the 200 of the most PCs; with section that one, however its name is written. As of a moment ago',
    query: object({ section: optional(size(string(), 1, 100)) }),
    response: pageOf(object({ section: string(), custom: boolean(), pcs: integer(), fields: array(string()) })),
    status: 200,
    handler: async ({ ctx, query: { section } }) => ({
      content: {
        type: 'application/json; charset=utf-8',
        parts: [await (section === undefined ? ctx.catalogue.all() : ctx.catalogue.one(section))],
      },
    }),
  }),
  route({
    method: 'GET',
    path: '/api/v1/inventory/:section',
    scope: 'read',
    summary:
      'The rows of one section on all PCs, by PC. Conditions on this section choose its rows, those on others the PCs. Retired PCs are left out; 404 for a group that there is not',
    params: object({ section: SectionName }),
    query: FleetQuery,
    conditions: true,
    response: pageOf(object({ pc_id: Id, row: any() })),
    status: 200,
    handler: async (call) => {
      const { ctx, params, query } = call;
      const { limit = LIMIT_DEFAULT, cursor } = query;
      const key = keyOf(`inventory ${params.section}`, call);
      const at = cursor === undefined ? undefined : (decodeCursor(key, cursor, ['string', 'number']) as [string, number]);
      const { slice, found } = await search(call);
      const place = { limit, ...(at && { after: { pc: at[0], n: at[1] } }) };
      const { items, next } = await fleetRows(ctx.db, params.section, found, place, slice);
      return { body: { items, next: next ? encodeCursor(key, [next.pc, next.n]) : null } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/inventory-faults',
    scope: 'read',
    summary:
      'The sections of which something could not be read the last time, by PC. Retired PCs are left out; 404 for a group that there is not',
    query: FleetQuery,
    response: pageOf(object({ pc_id: Id, section: string(), collected_at: nullable(Instant), checked_at: Instant, faults: array(Fault) })),
    status: 200,
    handler: async ({ ctx, query, signal }) => {
      const { limit = LIMIT_DEFAULT, cursor, ...filter } = query;
      const key = listKey('inventory-faults', filter);
      const at = cursor === undefined ? undefined : (decodeCursor(key, cursor, ['string', 'string']) as [string, string]);
      const pcs = pcsMeant(ctx, query);
      const slice = ctx.slices.begin(signal);
      const found: FaultyRow[] = [];
      let after = { pc: at?.[0] ?? '', section: at?.[1] ?? '' };
      for (let more = true; more && found.length <= limit; ) {
        const page = sectionsWithFaults(ctx.db, after, AT_ONCE);
        found.push(...page.filter(({ pc_id }) => pcs.has(pc_id)));
        more = page.length === AT_ONCE;
        if (more) after = { pc: page.at(-1)!.pc_id, section: page.at(-1)!.section };
        if (slice.over) await slice.pause();
      }
      const { rows, last } = pageOfRows(found.slice(0, limit + 1), limit);
      const items = rows.map(({ faults, ...row }) => ({ ...row, faults: JSON.parse(faults) as InventoryFault[] }));
      return { body: { items, next: last ? encodeCursor(key, [last.pc_id, last.section]) : null } };
    },
  }),
];

async function search({ ctx, query, conditions, signal }: Call<unknown, FleetQuery>) {
  const slice = ctx.slices.begin(signal);
  return { slice, found: await findPcs(ctx.db, queryOf(conditions), pcsMeant(ctx, query), slice) };
}

function pcsMeant(ctx: HttpContext, { group, online }: Pick<FleetQuery, 'group' | 'online'>): Set<string> {
  const pcs = group === undefined ? ctx.agents.enrolled() : membersOfKnown(ctx, group);
  return new Set([...pcs].filter((pc) => online === undefined || ctx.agents.beats.online(pc) === online));
}

function keyOf(name: string, { query, conditions }: Call<unknown, FleetQuery>): string {
  return listKey(name, { ...query, conditions: conditions.map(conditionText) });
}

async function matchesOf({ db }: HttpContext, pc: string, found: Found, slice: Slice) {
  const matches: { section: string; row: unknown }[] = [];
  for (const [rule, bodies] of found.bodies) {
    const limit = MATCHES_MAX - matches.length;
    for (const { row } of await slice.through(rowsThatFit(db, pc, rule, bodies, { limit }))) matches.push({ section: rule.section, row });
  }
  return matches;
}
