import { Struct } from 'superstruct';

export type JsonSchema = { readonly [keyword: string]: unknown };
// A struct of whatever type: superstruct's own `AnyStruct` is `any` all over.
type AnyStruct = Struct<unknown, unknown>;

/**
 * superstruct has no exporter, and its refinements are closures that nobody can look into. So whatever a struct does not
 * show is said beside it. The notes hang on `entries`, the one member that superstruct hands on untouched when it wraps
 * a struct in optional, nullable, coerce or a refinement.
 */
const notes = new WeakMap<object, JsonSchema>();

/** The struct with the JSON Schema that describes it. */
export function annotate<S extends { entries: object }>(struct: S, schema: JsonSchema): S {
  notes.set(struct.entries, schema);
  return struct;
}

/** A struct like this one that says more of itself: a description, a default, limits. The one it is made from is left as it is. */
export function noted<T, S>(struct: Struct<T, S>, note: JsonSchema): Struct<T, S> {
  const copy = new Struct({ ...struct, entries: (value, context) => struct.entries(value, context) });
  return annotate(copy, { ...toJsonSchema(struct), ...note });
}

const NAMED: Record<string, JsonSchema> = {
  string: { type: 'string' },
  number: { type: 'number' },
  integer: { type: 'integer' },
  boolean: { type: 'boolean' },
  any: {},
  unknown: {},
  Id: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' },
  UserKey: { type: 'string', pattern: '^U[A-Z2-7]{55}$' },
  AccountKey: { type: 'string', pattern: '^A[A-Z2-7]{55}$' },
  Instant: { type: 'string', format: 'date-time' },
};

/** JSON Schema 2020-12 (what OpenAPI 3.1 speaks) of a struct; throws for a struct that needs a note and has none. */
export function toJsonSchema(given: unknown): JsonSchema {
  const struct = given as AnyStruct;
  const schema = notes.get(struct.entries) ?? fromType(struct);
  return struct.is(null) && Object.keys(schema).length > 0 ? orNull(schema) : schema;
}

/** Whether an object may leave the property out. */
export function isOptional(struct: unknown): boolean {
  return (struct as AnyStruct).is(undefined);
}

function fromType(struct: AnyStruct): JsonSchema {
  const named = NAMED[struct.type];
  if (named !== undefined) return named;
  switch (struct.type) {
    case 'array':
      return { type: 'array', items: struct.schema ? toJsonSchema(struct.schema) : {} };
    case 'object':
    case 'type':
      return fromProperties(struct);
    case 'enums':
      return { type: 'string', enum: Object.values(struct.schema as Record<string, string>) };
    case 'literal':
      return { const: struct.schema };
    case 'record':
      return { type: 'object', additionalProperties: toJsonSchema(valueOfRecord(struct)) };
    default:
      throw new Error(`a struct of type ${struct.type} needs a note: annotate() it`);
  }
}

function fromProperties(struct: AnyStruct): JsonSchema {
  const properties = Object.entries((struct.schema ?? {}) as Record<string, AnyStruct>);
  const required = properties.filter(([, value]) => !isOptional(value)).map(([name]) => name);
  return {
    type: 'object',
    properties: Object.fromEntries(properties.map(([name, value]) => [name, toJsonSchema(value)])),
    ...(required.length > 0 ? { required } : {}),
    ...(struct.type === 'object' && struct.schema ? { additionalProperties: false } : {}),
  };
}

/** A record keeps its structs to itself, but hands them out when asked how it would look at a value. */
function valueOfRecord(struct: AnyStruct): unknown {
  const entries = [...struct.entries({ key: null }, undefined as never)] as [string, unknown, unknown][];
  return entries.at(-1)![2];
}

function orNull(schema: JsonSchema): JsonSchema {
  if (typeof schema.type === 'string' && schema.enum === undefined) return { ...schema, type: [schema.type, 'null'] };
  return { anyOf: [schema, { type: 'null' }] };
}
