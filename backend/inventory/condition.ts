import type { InventoryValue } from '#core/contract/inventory.ts';
import { comparison, isNothing, likeness } from './compare.ts';

export const OPERATORS = ['!=', '<=', '>=', '=', '<', '>', '~'] as const;
export type Operator = (typeof OPERATORS)[number];

/** `section.field OP value`; with a `!` in front: the PC has no such row. */
export interface Condition {
  lacks: boolean;
  section: string;
  field: string;
  op: Operator;
  value: string;
}

const FORM = /^(!?)([a-z][a-z0-9_]{0,63})\.([a-z][a-z0-9_]{0,63}) *(!=|<=|>=|=|<|>|~)(.*)$/s;

/** Undefined when it is none. Spaces around the value do not count. */
export function parseCondition(text: string): Condition | undefined {
  const [, not, section, field, op, value] = FORM.exec(text.trim()) ?? [];
  if (value === undefined) return undefined;
  return { lacks: not === '!', section: section!, field: field!, op: op as Operator, value: value.trim() };
}

/** The form that all spellings of a condition have in common. */
export function conditionText({ lacks, section, field, op, value }: Condition): string {
  return `${lacks ? '!' : ''}${section}.${field}${op}${value}`;
}

/**
 * Whether a value of the field is what the condition says, `lacks` aside. Of a list one element has to be, but for `!=`, which
 * is true where `=` is not. Nothing is equal to `null` and to an empty value, and neither less nor greater than anything.
 */
export function test({ op, value: wanted }: Condition): (value: InventoryValue | undefined) => boolean {
  const some = (holds: (value: string | number | boolean | null) => boolean) => (value: InventoryValue | undefined) =>
    !isNothing(value) && (Array.isArray(value) ? value.some(holds) : holds(value as string));
  switch (op) {
    case '=':
    case '!=': {
      const like = some(likeness(wanted));
      const nothing = /^(?:null)?$/i.test(wanted);
      const equals = (value: InventoryValue | undefined) => (nothing && isNothing(value)) || like(value);
      return op === '=' ? equals : (value) => !equals(value);
    }
    case '~': {
      const part = wanted.toLowerCase();
      return some((value) => value !== null && String(value).toLowerCase().includes(part));
    }
    default: {
      const compare = comparison(wanted);
      const holds = { '<': (n: number) => n < 0, '<=': (n: number) => n <= 0, '>': (n: number) => n > 0, '>=': (n: number) => n >= 0 }[op];
      return some((value) => {
        const difference = compare(value);
        return difference !== undefined && holds(difference);
      });
    }
  }
}
