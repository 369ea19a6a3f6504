import { array, coerce, define, type Infer, number, object, refine, type Struct, size, string } from 'superstruct';
import { ExitCode, SHELLS } from '#core/contract/command.ts';
import { parseDurationWithin } from '#core/contract/duration.ts';
import { messageOf } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import { isSectionName } from '#core/contract/inventory.ts';
import { annotate, toJsonSchema } from './json-schema.ts';

/** Structs of the HTTP boundary that also say what they are in JSON Schema. */

/** A PC's id in any case, folded. */
export const PcId = coerce(Id, string(), (value) => value.toUpperCase());

/** Text of `from` to `to` characters. */
export function text(from: number, to: number): Struct<string, null> {
  return annotate(size(string(), from, to), { type: 'string', minLength: from, maxLength: to });
}

/** A whole number from `from` to `to`; also as text, the way a query carries it. */
export function whole(from: number, to: number): Struct<number, null> {
  const base = refine(
    number(),
    'whole',
    (value) => (Number.isInteger(value) && value >= from && value <= to) || `must be a whole number from ${from} to ${to}`,
  );
  const coerced = coerce(base, string(), (value) => (/^\d{1,15}$/.test(value) ? Number(value) : value));
  return annotate(coerced, { type: 'integer', minimum: from, maximum: to });
}

/** `true` or `false` in a query. */
export const Flag: Struct<boolean, null> = annotate(
  coerce(
    define<boolean>('Flag', (value) => typeof value === 'boolean' || 'must be true or false'),
    string(),
    (value) => (value === 'true' ? true : value === 'false' ? false : value),
  ),
  { type: 'boolean' },
);

/** One or more of `values`, separated by commas, in a query. */
export function listOf<T extends string>(values: readonly T[]): Struct<T[], null> {
  const list = define<T[]>('List', (value) => {
    if (!Array.isArray(value) || value.length === 0) return `must be one or more of ${values.join(', ')}, separated by commas`;
    const wrong = value.filter((one) => !values.includes(one));
    return wrong.length === 0 || `${wrong.join(', ')}: must be one or more of ${values.join(', ')}, separated by commas`;
  });
  const coerced = coerce(list, string(), (value) => value.split(','));
  return annotate(coerced, { type: 'array', items: { type: 'string', enum: [...values] }, minItems: 1 });
}

const SECTION_WORDS = 'must be the name of a section: lower case letters, digits and "_", 1 to 64';
const SECTION = { type: 'string', pattern: '^[a-z][a-z0-9_]{0,63}$' };
/** A section of the inventory. */
export const SectionName: Struct<string, null> = annotate(
  define<string>('SectionName', (value) => isSectionName(value) || SECTION_WORDS),
  SECTION,
);

/** One or more sections, separated by commas, in a query. */
export const SectionNames: Struct<string[], null> = annotate(
  coerce(
    define<string[]>('SectionNames', (value) => (Array.isArray(value) && value.length > 0 && value.every(isSectionName)) || SECTION_WORDS),
    string(),
    (value) => value.split(','),
  ),
  { type: 'array', items: SECTION, minItems: 1 },
);

const PCS_MAX = 100;
/** Ids of PCs in any case, separated by commas, in a query. */
export const PcIds = annotate(
  coerce(size(array(PcId), 1, PCS_MAX), string(), (value) => value.split(',')),
  { type: 'array', items: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' }, minItems: 1, maxItems: PCS_MAX },
);

/** Names of groups, at most so many: each of a PC's is a subject of its durable. */
export function groupNames(most: number): Struct<string[], unknown> {
  return annotate(size(array(Id), 0, most), { type: 'array', items: toJsonSchema(Id), maxItems: most });
}

/** A duration such as 30s or 7d, between `from` and `to` seconds. */
export function duration(from: number, to: number): Struct<string, null> {
  const struct = define<string>('Duration', (value, { path }) => {
    if (typeof value !== 'string') return 'must be a duration such as 30s, 5m, 12h or 7d';
    try {
      parseDurationWithin(String(path.at(-1) ?? 'the duration'), value, from, to);
      return true;
    } catch (error) {
      return messageOf(error);
    }
  });
  return annotate(struct, DURATION);
}

export const DURATION = { type: 'string', pattern: '^(\\d+(ms|s|m|h|d|w))+$', examples: ['30s', '1h30m', '7d'] };

/** One of the words, said so when it is none of them. */
export function word<T extends string>(values: readonly T[]): Struct<T, null> {
  const struct = define<T>('Word', (value) => values.includes(value as T) || `must be one of ${values.join(', ')}`);
  return annotate(struct, { type: 'string', enum: [...values] });
}

/** What a shell can read: none reads on behind a NUL. */
export const ScriptText: Struct<string, null> = refine(
  string(),
  'ScriptText',
  (value) => !value.includes('\0') || 'holds a NUL character: a script is text',
);

const EXIT_CODES_MAX = 100;
const EXIT_CODE = { type: 'integer', minimum: 0, maximum: 0xffff_ffff };
export const ExitCodes = annotate(size(array(ExitCode), 1, EXIT_CODES_MAX), {
  type: 'array',
  items: EXIT_CODE,
  minItems: 1,
  maxItems: EXIT_CODES_MAX,
});

export const ShellName = word(SHELLS);

export const LIMIT_DEFAULT = 50;
export const LIMIT_MAX = 500;
export const Limit = whole(1, LIMIT_MAX);
/** What a list gave out as `next`. */
export const CursorText = text(1, 2000);

export const IdParam = object({ id: Id });
export const PcParam = object({ pc: PcId });
export type IdParam = Infer<typeof IdParam>;
export type PcParam = Infer<typeof PcParam>;
