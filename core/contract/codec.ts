import type { Failure, Struct } from 'superstruct';
import { type Fault, KanadeError } from './errors.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function encode(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** JSON bytes checked against a struct; `bad_message` says where it goes wrong. */
export function decode<T>(struct: Struct<T, unknown>, bytes: Uint8Array): T {
  return check(struct, parseJson(bytes));
}

export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new KanadeError('bad_message', 'it is not JSON in UTF-8', { cause });
  }
}

/** Faults told of one message. Whoever sends junk shall not have it all looked through, nor written into logs. */
const FAULTS_MAX = 20;
/** Characters of one fault's words: they quote what was found instead. */
const WORDS_MAX = 200;

/** Nothing is coerced: messages have no defaults, and coercing costs a copy and, for each member with a union, a made error. */
export function check<T>(struct: Struct<T, unknown>, value: unknown): T {
  let faults: Fault[];
  try {
    const [error, checked] = struct.validate(value);
    if (!error) return checked;
    faults = failuresOf(struct, value, { most: FAULTS_MAX }).map(faultOf);
  } catch (cause) {
    // Nested so deep that it cannot even be quoted.
    throw new KanadeError('bad_message', 'it cannot be checked', { cause });
  }
  throw new KanadeError('bad_message', faults.map((f) => `${f.pointer || '/'}: ${f.message}`).join('; '), { faults });
}

/** The first failures of a value that a struct does not take; `coerce` as in `struct.validate`. */
export function failuresOf<T>(
  struct: Struct<T, unknown>,
  value: unknown,
  { most, coerce = false }: { most: number; coerce?: boolean },
): Failure[] {
  return [...failuresIn(struct as Struct<unknown, unknown>, value, coerce).take(most)];
}

/** A failure with its RFC 6901 pointer. */
export function faultOf({ path, message }: Failure): Fault {
  return {
    pointer: path
      .map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`)
      .join('')
      .slice(0, WORDS_MAX),
    message: message.slice(0, WORDS_MAX),
  };
}

/**
 * What `StructError.failures()` gives, one by one: that collects all of them, which for megabytes of junk takes minutes and
 * gigabytes. Gives the value back, coerced where that is asked for.
 */
function* failuresIn(
  struct: Struct<unknown, unknown>,
  given: unknown,
  coerce: boolean,
  path: unknown[] = [],
  branch = [given],
): Generator<Failure, unknown> {
  const context = { path, branch, mask: false };
  // A copy, where there is anything to be coerced in it.
  let value = coerce ? struct.coercer(given, context) : given;
  let valid = true;
  for (const failure of struct.validator(value, context)) {
    valid = false;
    yield failure;
  }
  for (const [key, member, of] of struct.entries(value, context)) {
    const below: [unknown[], unknown[]] =
      key === undefined
        ? [path, branch]
        : [
            [...path, key],
            [...branch, member],
          ];
    const inside = failuresIn(of as Struct<unknown, unknown>, member, coerce, ...below);
    let step = inside.next();
    for (; !step.done; step = inside.next()) {
      valid &&= step.value.refinement !== undefined;
      yield step.value;
    }
    if (!coerce) continue;
    if (key === undefined) value = step.value;
    else if (typeof value === 'object' && value !== null && (step.value !== undefined || (key as string) in value)) {
      (value as Record<string, unknown>)[key as string] = step.value;
    }
  }
  if (valid) yield* struct.refiner(value, context);
  return value;
}
