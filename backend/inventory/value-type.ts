import { type FieldType, fieldType } from '#core/contract/inventory-fields.ts';
import { comparison, likeness } from './compare.ts';
import type { Condition } from './condition.ts';

const NOTHING = /^(?:null)?$/i;
const DIGITS = /^[\d.+\-e]*$/i;

/** Why no value of its field could ever be what a condition says, or all of them would be; undefined when it may be asked. */
export function typeFault({ section, field, op, value }: Condition): string | undefined {
  const type = fieldType(section, field);
  if (type === undefined || FITS[type](op, value)) return undefined;
  return `${section}.${field} is ${WORDS[type]}, and ${JSON.stringify(value)} after ${op} is nothing that one can be compared with`;
}

const WORDS: Record<FieldType, string> = { number: 'a number', boolean: 'true or false', time: 'a time' };

const FITS: Record<FieldType, (op: Condition['op'], value: string) => boolean> = {
  number: (op, value) => {
    if (op === '~') return DIGITS.test(value);
    if (op === '=' || op === '!=') return NOTHING.test(value) || DIGITS.test(value.replaceAll('*', ''));
    return comparison(value)(0) !== undefined;
  },
  boolean: (op, value) => {
    if (op === '~') return ['true', 'false'].some((text) => text.includes(value.toLowerCase()));
    if (op !== '=' && op !== '!=') return false;
    return NOTHING.test(value) || [true, false].some(likeness(value));
  },
  // As text it may be like anything.
  time: (op, value) => op === '~' || op === '=' || op === '!=' || comparison(value)('2000-01-01') !== undefined,
};
