import type { Struct } from 'superstruct';

export type Random = () => number;

export function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)]!;
}

export function whole(random: Random, below: number): number {
  return Math.floor(random() * below);
}

/** What names things in a Kanade: with these requests get past the first check. */
const WORDS = [
  'PC1',
  'PC9',
  'g1',
  'j1',
  's1',
  'e1',
  'os',
  'software',
  'sh',
  'powershell',
  'all',
  '1',
  '0',
  '500',
  'true',
  'a b',
  '5m',
  '7d',
  '30s',
  '*',
];

/** What breaks programs that have not thought of it. */
const NASTY = [
  '',
  ' ',
  '\0',
  '\u202e',
  '\ud800',
  '\uffff',
  '__proto__',
  'constructor',
  'toString',
  '../../etc/passwd',
  '..\\..\\x',
  '$(reboot)',
  "'; DROP TABLE executions; --",
  '"',
  '%00',
  '%',
  '{{name()}}',
  '>',
  '*.>',
  'commands.pc.PC1.e1',
  '$SYS.REQ',
  '\r\nX-Injected: 1',
  '2024-13-45T99:99:99Z',
  '9999-12-31T23:59:59.999Z',
  '0000-01-01T00:00:00Z',
  '1e309',
  '-0',
  'NaN',
  '0x10',
  '٣',
  'İ',
  'ß',
  '* * * * * *',
  '0 0 31 2 * *',
  '((((((((((a+)+)+)+)+)+)+)+)+)+',
  'a'.repeat(64),
  'a'.repeat(65),
  'é'.repeat(300),
  'x'.repeat(20_000),
];
const NUMBERS = [0, 1, -1, 0.5, 255, 256, 65_535, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e21, 1e308, 5e-324];

export function text(random: Random): string {
  const kind = random();
  if (kind < 0.4) return pick(random, WORDS);
  if (kind < 0.75) return pick(random, NASTY);
  if (kind < 0.85) return pick(random, WORDS) + pick(random, NASTY);
  return Array.from({ length: whole(random, 40) }, () => String.fromCharCode(whole(random, random() < 0.7 ? 128 : 65_536))).join('');
}

/** Any JSON. */
export function anything(random: Random, depth = 0): unknown {
  const kind = whole(random, depth > 4 ? 5 : 8);
  if (kind === 0) return null;
  if (kind === 1) return random() < 0.5;
  if (kind === 2) return pick(random, NUMBERS);
  if (kind < 5) return text(random);
  if (kind < 6) return Array.from({ length: whole(random, 4) }, () => anything(random, depth + 1));
  if (kind < 7) return Object.fromEntries(Array.from({ length: whole(random, 4) }, () => [text(random), anything(random, depth + 1)]));
  return nested(random);
}

/** Deeper than anybody walks by calling itself. */
function nested(random: Random): unknown {
  let value: unknown = 1;
  for (let depth = whole(random, 200); depth > 0; depth--) value = random() < 0.5 ? [value] : { a: value };
  return value;
}

type AnyStruct = Struct<unknown, unknown>;

/** A value as the struct has it in mind, as far as a struct shows that; often one that it takes. */
export function sample(given: unknown, random: Random): unknown {
  const struct = given as AnyStruct;
  if (struct.is(undefined) && random() < 0.5) return undefined;
  if (struct.is(null) && random() < 0.2) return null;
  switch (struct.type) {
    case 'object':
    case 'type':
      return Object.fromEntries(
        Object.entries((struct.schema ?? {}) as Record<string, unknown>)
          .map(([name, member]) => [name, sample(member, random)] as const)
          .filter(([, value]) => value !== undefined),
      );
    case 'array':
      return Array.from({ length: whole(random, 4) }, () => (struct.schema ? sample(struct.schema, random) : anything(random)));
    case 'enums':
      return pick(random, Object.values(struct.schema as Record<string, unknown>));
    case 'literal':
      return struct.schema;
    case 'integer':
    case 'number':
      return random() < 0.7 ? whole(random, 100) : pick(random, NUMBERS);
    case 'boolean':
      return random() < 0.5;
    case 'Instant':
      return new Date(1.7e12 + whole(random, 1e11)).toISOString();
    case 'Id':
      return pick(random, ['PC1', 'PC9', 'g1', 'j1', 'e1']);
    default:
      return guess(struct, random);
  }
}

/** Structs of our own making do not show what they take: the first of the usual words that they do. */
function guess(struct: AnyStruct, random: Random): unknown {
  const from = whole(random, WORDS.length);
  const found = [...WORDS.slice(from), ...WORDS.slice(0, from)].find((word) => struct.is(word));
  if (found !== undefined) return found;
  return random() < 0.5 ? text(random) : anything(random);
}

const MANY_BYTES = 500_000;

/** The value, changed in one to three places. */
export function mutate(value: unknown, random: Random): unknown {
  let changed = value;
  for (let times = 1 + whole(random, 3); times > 0; times--) changed = mutateOnce(changed, random);
  return changed;
}

function mutateOnce(value: unknown, random: Random): unknown {
  if (Array.isArray(value) && value.length > 0 && random() < 0.8) {
    const at = whole(random, value.length);
    if (random() < 0.2) return value.toSpliced(at, 1);
    if (random() < 0.1) return many(value[at]);
    return value.with(at, mutateOnce(value[at], random));
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && random() < 0.9) {
    const entries = Object.entries(value);
    if (entries.length === 0 || random() < 0.2) return Object.fromEntries([...entries, [text(random), anything(random)]]);
    const at = whole(random, entries.length);
    const [name, member] = entries[at]!;
    if (random() < 0.2) return Object.fromEntries(entries.toSpliced(at, 1));
    return Object.fromEntries(entries.with(at, [name, mutateOnce(member, random)]));
  }
  return anything(random);
}

/** Very often, as long as all of it is no more than anybody may send. */
function many(value: unknown): unknown[] {
  const length = Math.ceil(MANY_BYTES / ((JSON.stringify(value)?.length ?? 0) + 1));
  return Array.from({ length: Math.min(length, 2000) }, () => value);
}

/** Bytes, changed in a few places: other ones, some lost, some twice. */
export function mutateBytes(bytes: Uint8Array, random: Random): Buffer {
  let changed = Buffer.from(bytes);
  for (let times = 1 + whole(random, 4); times > 0; times--) {
    const at = whole(random, changed.length + 1);
    const kind = whole(random, 4);
    if (kind === 0 && changed.length > 0) changed[Math.min(at, changed.length - 1)] = whole(random, 256);
    else if (kind === 1) changed = Buffer.concat([changed.subarray(0, at), changed.subarray(at + 1 + whole(random, 8))]);
    else if (kind === 2) changed = Buffer.concat([changed.subarray(0, at), Buffer.from(text(random)), changed.subarray(at)]);
    else changed = Buffer.concat([changed.subarray(0, at), changed.subarray(Math.max(0, at - 20), at), changed.subarray(at)]);
  }
  return changed;
}
