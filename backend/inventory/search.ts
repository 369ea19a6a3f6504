import type { InventoryRow, InventoryValue } from '#core/contract/inventory.ts';
import { ownFields, ownValue } from '../projectors/inventory/stored-row.ts';
import type { LinkRow } from '../projectors/inventory/tables.ts';
import { bodiesAfter, bodyOf, linksFrom, linksToBody, pcsWithBody, pcsWithSection, rowsFrom } from '../projectors/read/inventory.ts';
import type { Database } from '../projectors/read/open-reader.ts';
import { fits, type Query, type Rule } from './query.ts';
import type { Slice } from './slices.ts';

/** Rows of one reading: about a millisecond of them. */
const AT_ONCE = 500;

/** The PCs that a query means, and for each rule of what they have to have the stored rows that may fit it. */
export interface Found {
  pcs: Set<string>;
  bodies: ReadonlyMap<Rule, ReadonlySet<number>>;
}

/**
 * The PCs of `among` that a query means. A rule is looked at once for each row that is stored, however many PCs have it, and at
 * each PC only for what is its own.
 */
export async function findPcs(db: Database, query: Query, among: ReadonlySet<string>, slice: Slice): Promise<Found> {
  const bodies = new Map<Rule, ReadonlySet<number>>();
  let pcs = new Set(among);
  for (const rule of query.wants) {
    const some = await candidates(db, rule, slice);
    bodies.set(rule, some.ids);
    pcs = await pcsThatFit(db, rule, some, pcs, slice);
  }
  for (const rule of query.lacks) {
    const having = await pcsThatFit(db, rule, await candidates(db, rule, slice), pcs, slice);
    const read = await pcsThatRead(db, rule.section, slice);
    pcs = new Set([...pcs].filter((pc) => read.has(pc) && !having.has(pc)));
  }
  return { pcs, bodies };
}

/** The rows of one PC that fit, at most `limit`, from number `from` on. */
export function* rowsThatFit(
  db: Database,
  pc: string,
  rule: Rule,
  bodies: ReadonlySet<number>,
  { from = 0, limit }: { from?: number; limit: number },
): Generator<void, { n: number; row: InventoryRow }[]> {
  const found: { n: number; row: InventoryRow }[] = [];
  for (const links of linksOf(db, pc, rule.section, from)) {
    const wanted = links.filter(({ body }) => bodies.has(body));
    // Of a few each is read by itself, of many all that lie between them.
    const runs = wanted.length * 4 > links.length ? [{ n: links[0]!.n, count: links.length }] : wanted.map(({ n }) => ({ n, count: 1 }));
    for (const { n, count } of runs) {
      for (const { n: at, body, row } of rowsFrom(db, pc, rule.section, n, count)) {
        if (found.length === limit) return found;
        if (at < n + count && bodies.has(body) && fits(rule, row)) found.push({ n: at, row });
      }
      yield;
    }
    yield;
  }
  return found;
}

function* linksOf(db: Database, pc: string, section: string, from = 0): Generator<LinkRow[]> {
  for (let next = from, more = true; more; ) {
    const page = linksFrom(db, pc, section, next, AT_ONCE);
    more = page.length === AT_ONCE;
    next = (page.at(-1)?.n ?? next) + 1;
    if (page.length > 0) yield page;
  }
}

/** The stored rows that may fit a rule: what is each PC's own they do not tell. */
interface Candidates {
  ids: ReadonlySet<number>;
  /** Out of how many. */
  of: number;
}

async function candidates(db: Database, rule: Rule, slice: Slice): Promise<Candidates> {
  const own = ownFields(rule.section);
  const shared = { ...rule, tests: rule.tests.filter(({ field }) => !own.includes(field)) };
  const ids = new Set<number>();
  let of = 0;
  for (const page of bodiesOf(db, rule.section)) {
    for (const { id, body } of page) {
      if (shared.tests.length === 0 || fits(shared, JSON.parse(body) as InventoryRow)) ids.add(id);
      if (slice.over) await slice.pause();
    }
    of += page.length;
  }
  return { ids, of };
}

/** Characters of stored rows that are read at once: one may be as long as a section. */
const TEXT_AT_ONCE = 512 * 1024;

/** The rows of a section as they are stored, page by page; of longer ones fewer at once. */
export function* bodiesOf(db: Database, section: string): Generator<{ id: number; body: string }[]> {
  let limit = 16;
  for (let after = 0, more = true; more; ) {
    const page = bodiesAfter(db, section, after, limit);
    more = page.length === limit;
    after = page.at(-1)?.id ?? after;
    if (page.length > 0) yield page;
    const text = page.reduce((sum, { body }) => sum + body.length, 0);
    limit = Math.max(1, Math.min(AT_ONCE, limit * 4, Math.floor((TEXT_AT_ONCE * page.length) / Math.max(text, 1))));
  }
}

/** So few PCs are read row by row. */
const FEW = 20;

/**
 * Most rules are about what is stored once: whoever links to it fits. Where each PC's own has to be looked at, that is read in the order it
 * lies in once more than a part of all rows come into question.
 */
async function pcsThatFit(
  db: Database,
  rule: Rule,
  { ids, of }: Candidates,
  among: ReadonlySet<string>,
  slice: Slice,
): Promise<Set<string>> {
  const own = ownTest(db, rule);
  const found = new Set<string>();
  if (among.size <= FEW || (own !== undefined && ids.size * 4 > of)) {
    for (const pc of among) {
      for (const links of linksOf(db, pc, rule.section)) {
        const fitting = links.some((link) => ids.has(link.body) && (own?.(link.body, link.own) ?? true));
        if (fitting) found.add(pc);
        if (slice.over) await slice.pause();
        if (fitting) break;
      }
    }
    return found;
  }
  for (const body of ids) {
    for (const pcs of own === undefined ? pcsByBody(db, rule.section, body) : pcsByLink(db, rule.section, body, own)) {
      for (const pc of pcs) if (among.has(pc)) found.add(pc);
      if (slice.over) await slice.pause();
      // What most PCs have need not be looked for at each of them.
      if (found.size === among.size) return found;
    }
  }
  return found;
}

type OwnTest = (body: number, own: string | null) => boolean;

/** Undefined when a rule asks for nothing that is a PC's own. */
function ownTest(db: Database, rule: Rule): OwnTest | undefined {
  const { section } = rule;
  const tests = rule.tests.filter(({ field }) => ownFields(section).includes(field));
  if (tests.length === 0) return undefined;
  // Of one program there are few dates on which it was installed.
  const known = new Map<number, Map<string | null, boolean>>();
  return (body, own) => {
    const answers = known.get(body) ?? new Map<string | null, boolean>();
    known.set(body, answers);
    let answer = answers.get(own);
    if (answer === undefined) {
      // Gone since, with the last PC that had it.
      const row = bodyOf(db, section, body);
      const values = own === null ? [] : (JSON.parse(own) as InventoryValue[]);
      answer = row !== undefined && tests.every(({ field, holds }) => holds(ownValue(section, field, row, values)));
      answers.set(own, answer);
    }
    return answer;
  };
}

function* pcsByBody(db: Database, section: string, body: number): Generator<string[]> {
  for (let after = '', more = true; more; ) {
    const page = pcsWithBody(db, section, body, after, AT_ONCE);
    more = page.length === AT_ONCE;
    after = page.at(-1) ?? after;
    yield page;
  }
}

function* pcsByLink(db: Database, section: string, body: number, fitting: OwnTest): Generator<string[]> {
  for (let after = { pc: '', n: -1 }, more = true; more; ) {
    const page = linksToBody(db, section, body, after, AT_ONCE);
    more = page.length === AT_ONCE;
    after = page.at(-1) ?? after;
    yield page.filter(({ own }) => fitting(body, own)).map(({ pc }) => pc);
  }
}

/** The PCs of which a section could be read at least once. */
async function pcsThatRead(db: Database, section: string, slice: Slice): Promise<Set<string>> {
  const found = new Set<string>();
  for (let after = '', more = true; more; ) {
    const page = pcsWithSection(db, section, after, AT_ONCE);
    for (const { pc, read } of page) if (read) found.add(pc);
    more = page.length === AT_ONCE;
    after = page.at(-1)?.pc ?? after;
    if (slice.over) await slice.pause();
  }
  return found;
}
