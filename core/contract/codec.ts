import type { Struct, StructError } from 'superstruct';
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

/** Nothing is coerced: messages have no defaults, and coercing costs a copy and, for each member with a union, a made error. */
export function check<T>(struct: Struct<T, unknown>, value: unknown): T {
  const [error, checked] = struct.validate(value);
  if (error) {
    const faults = faultsOf(error);
    throw new KanadeError('bad_message', faults.map((f) => `${f.pointer || '/'}: ${f.message}`).join('; '), { faults });
  }
  return checked;
}

/** Every failure of a struct, each with its RFC 6901 pointer. */
export function faultsOf(error: StructError): Fault[] {
  return error.failures().map((failure) => ({
    pointer: failure.path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    message: failure.message,
  }));
}
