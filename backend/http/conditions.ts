import type { Fault } from '#core/contract/errors.ts';
import { CONDITIONS_MAX } from '#core/contract/registry.ts';
import { type Condition, OPERATORS, parseCondition } from '../inventory/condition.ts';
import { typeFault } from '../inventory/value-type.ts';
import type { JsonSchema } from '../schema/json-schema.ts';
import { refusal } from './validate.ts';

const LENGTH_MAX = 1000;

/** A parameter that no plain parameter can be: those are words. */
export function isConditionName(name: string): boolean {
  return name.startsWith('!') || name.includes('.');
}

/** `invalid_query`, or `code`, naming each that is none; `condition_type` when that is all that is wrong. */
export function readConditions(
  texts: readonly string[],
  { code = 'invalid_query', pointer = (text: string) => `/${text.replaceAll('~', '~0').replaceAll('/', '~1')}` }: ConditionFaults = {},
): Condition[] {
  const faults: Fault[] = [];
  if (texts.length > CONDITIONS_MAX) faults.push({ pointer: '', message: `${texts.length} conditions, ${CONDITIONS_MAX} are the most` });
  const conditions = texts.flatMap((text, n) => {
    const condition = text.length > LENGTH_MAX ? undefined : parseCondition(text);
    const type = condition && typeFault(condition);
    if (condition === undefined) faults.push({ pointer: pointer(text.slice(0, 100), n), message: WORDS });
    else if (type !== undefined)
      faults.push({ pointer: pointer(text.slice(0, 100), n), message: type, code: 'condition_type', value: condition.value });
    return condition ?? [];
  });
  if (faults.length > 0) throw refusal(code, faults);
  return conditions;
}

export interface ConditionFaults {
  code?: 'invalid_query' | 'invalid_body';
  pointer?: (text: string, n: number) => string;
}

const WORDS = `must be section.field, one of ${OPERATORS.toSorted().join(' ')}, and a value, such as software.version<120: at most ${LENGTH_MAX} characters`;

/** How the API's description tells of them: parameters of any name. */
export const CONDITIONS_PARAMETER: JsonSchema = {
  name: 'conditions',
  in: 'query',
  style: 'form',
  explode: true,
  description:
    'Conditions, each a parameter of its own: section.field, an operator (= != < <= > >= ~) and a value, URL-encoded; those on one section hold on one row. With ! in front: has no such row.',
  schema: { type: 'object', additionalProperties: { type: 'string' } },
  examples: {
    older: {
      summary: 'software.name=Google Chrome&software.version<120',
      value: { 'software.name': 'Google Chrome', 'software.version<120': '' },
    },
  },
};
