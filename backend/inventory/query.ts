import { fieldOf, type InventoryRow, type InventoryValue } from '#core/contract/inventory.ts';
import { type Condition, test } from './condition.ts';

/** What one row of a section has to be: all conditions of a query on that section that are of one kind. */
export interface Rule {
  section: string;
  tests: readonly FieldTest[];
}

export interface FieldTest {
  field: string;
  holds: (value: InventoryValue) => boolean;
}

/** A PC is meant that has a row for each of `wants`, and none for any of `lacks`, though it has been read. */
export interface Query {
  wants: readonly Rule[];
  lacks: readonly Rule[];
}

export function queryOf(conditions: readonly Condition[]): Query {
  return { wants: rulesOf(conditions.filter(({ lacks }) => !lacks)), lacks: rulesOf(conditions.filter(({ lacks }) => lacks)) };
}

function rulesOf(conditions: readonly Condition[]): Rule[] {
  return [...Map.groupBy(conditions, ({ section }) => section)].map(([section, some]) => ({
    section,
    tests: some.map((condition) => ({ field: condition.field, holds: test(condition) })),
  }));
}

export function fits(rule: Rule, row: InventoryRow): boolean {
  return rule.tests.every(({ field, holds }) => holds(fieldOf(row, field)));
}

/** Whether a PC is meant, by what `read` gives of its sections: undefined for one that could not be read yet. Pure. */
export function isMeant({ wants, lacks }: Query, read: (section: string) => readonly InventoryRow[] | undefined): boolean {
  return (
    wants.every((rule) => read(rule.section)?.some((row) => fits(rule, row)) ?? false) &&
    lacks.every((rule) => {
      const rows = read(rule.section);
      return rows !== undefined && !rows.some((row) => fits(rule, row));
    })
  );
}

/** The sections that a query asks of. */
export function sectionsIn({ wants, lacks }: Query): Set<string> {
  return new Set([...wants, ...lacks].map(({ section }) => section));
}
