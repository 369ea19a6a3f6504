import { any, array, boolean, enums, integer, nullable, object, optional, size, string } from 'superstruct';
import { KanadeError } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import { FAULT_CODES, SECTIONS } from '#core/contract/inventory.ts';
import { Instant } from '#core/contract/time.ts';
import { newest, type SectionView, withData } from '../../inventory/agent-inventory.ts';
import { refresh } from '../../inventory/refresh.ts';
import { inventoryChanges, sectionOf, sectionsOf } from '../../projectors/read/inventory.ts';
import { annotate } from '../../schema/json-schema.ts';
import { CursorText, LIMIT_DEFAULT, Limit, PcId, PcParam, SectionName, SectionNames, word } from '../../schema/structs.ts';
import { decodeCursor, encodeCursor, listKey } from '../cursor.ts';
import { pageOf } from '../page.ts';
import { type Route, route } from '../route.ts';
import { knownAgent } from './agents.ts';

export const Fault = object({ source: string(), code: enums(FAULT_CODES), message: string() });
const Section = object({
  section: string(),
  collected_at: nullable(Instant),
  checked_at: Instant,
  hash: string(),
  custom: boolean(),
  job_id: nullable(Id),
  exec_id: nullable(Id),
  rows: nullable(integer()),
  data: any(),
  faults: array(Fault),
});

const Change = object({
  recorded_at: Instant,
  collected_at: Instant,
  section: string(),
  change: enums(['added', 'removed', 'changed']),
  key: any(),
  before: any(),
  after: any(),
});

const SOME_SECTIONS = { type: 'array', items: { type: 'string', enum: [...SECTIONS] }, minItems: 1 };

export const agentInventoryRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/agents/:pc/inventory',
    scope: 'read',
    summary:
      'What a PC has last said of itself, section by section, also when it is retired. What could not be read is told by faults, and leaves the data that was read before',
    params: PcParam,
    query: object({ section: optional(SectionNames) }),
    response: object({ pc_id: Id, collected_at: nullable(Instant), sections: array(Section) }),
    status: 200,
    handler: async ({ ctx, params: { pc }, query, signal }) => {
      knownAgent(ctx, pc);
      const about = sectionsOf(ctx.db, pc).filter(({ section }) => query.section?.includes(section) ?? true);
      return { body: { pc_id: pc, collected_at: newest(about), sections: await withData(ctx, pc, about, signal) } };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/agents/:pc/inventory/:section',
    scope: 'read',
    summary: 'One section of the inventory of a PC; 404 when it has none of that name',
    params: object({ pc: PcId, section: SectionName }),
    response: Section,
    status: 200,
    handler: async ({ ctx, params: { pc, section }, signal }) => {
      knownAgent(ctx, pc);
      const about = sectionOf(ctx.db, pc, section);
      if (about === undefined) throw new KanadeError('not_found', `${pc} has no section ${section}`);
      const [view] = (await withData(ctx, pc, [about], signal)) as [SectionView];
      return { body: view };
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/agents/:pc/inventory-changes',
    scope: 'read',
    summary: 'What changed on a PC, newest first: rows that came, went or changed, and of these the fields that differ',
    params: PcParam,
    query: object({ section: optional(SectionNames), since: optional(Instant), limit: optional(Limit), cursor: optional(CursorText) }),
    response: pageOf(Change),
    status: 200,
    handler: async ({ ctx, params: { pc }, query, signal }) => {
      knownAgent(ctx, pc);
      const { section: sections, since, limit = LIMIT_DEFAULT, cursor } = query;
      const key = listKey(`inventory-changes ${pc}`, query);
      const at = cursor === undefined ? undefined : (decodeCursor(key, cursor, ['number', 'number', 'number']) as [number, number, number]);
      const asked = {
        pc,
        limit,
        ...(sections && { sections }),
        ...(since && { since: Date.parse(since) }),
        ...(at && { after: { recorded: at[0], seq: at[1], n: at[2] } }),
      };
      const { items, next } = await ctx.slices.begin(signal).through(inventoryChanges(ctx.db, asked));
      return { body: { items, next: next ? encodeCursor(key, [next.recorded, next.seq, next.n]) : null } };
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/agents/:pc/inventory/refresh',
    scope: 'operate',
    summary:
      'Has the PC collect its inventory now: all of it, or these sections. Answered once what changed can be read here; pending are those that the PC still reads after two minutes, and will say when it can',
    params: PcParam,
    body: object({ sections: optional(annotate(size(array(word(SECTIONS)), 1, SECTIONS.length), SOME_SECTIONS)) }),
    bodyOptional: true,
    response: object({ pc_id: Id, sections: array(object({ section: string(), changed: boolean() })), pending: array(string()) }),
    status: 200,
    audit: 'inventory_refresh',
    handler: async ({ ctx, params: { pc }, body, audit, signal }) => {
      knownAgent(ctx, pc);
      const asked = body.sections ?? 'all';
      audit.after = { asked };
      const { sections, pending } = await refresh(ctx, pc, body.sections, signal);
      audit.after = { asked, changed: sections.flatMap(({ section, changed }) => (changed ? [section] : [])) };
      return { body: { pc_id: pc, sections, pending } };
    },
  }),
];
