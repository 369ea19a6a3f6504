import type { Failure, Struct } from 'superstruct';
import { failuresOf, faultOf } from '#core/contract/codec.ts';
import { type ErrorCode, type Fault, KanadeError } from '#core/contract/errors.ts';

const CODE_OF_TYPE: Record<string, ErrorCode> = { Id: 'invalid_id', Duration: 'invalid_duration' };
const DEPTH_MAX = 64;
/** Characters of what was sent that a fault repeats. */
const QUOTED_MAX = 100;

/** Faults told of one request: there may be a million, and whoever has sent them needs no more to begin with. */
const FAULTS_MAX = 100;

/**
 * What was sent, checked: every fault at once, up to a hundred. When all faults are of one kind that has a code of its own, such as
 * `invalid_id`, the error carries that; else `code`.
 */
export function validate<T>(struct: Struct<T, unknown>, value: unknown, code: 'invalid_body' | 'invalid_query' | 'invalid_id'): T {
  const [failures, checked] = tryStruct(struct, value, code);
  if (failures === undefined) return checked as T;
  const faults = failures.map((failure): Fault => {
    const fault = { pointer: faultOf(failure).pointer, message: wordsOf(failure) };
    // What is not there has no form to be wrong.
    const own = failure.value === undefined ? undefined : CODE_OF_TYPE[failure.type];
    return own === undefined ? fault : { ...fault, code: own };
  });
  throw refusal(code, faults);
}

/** superstruct quotes what it refuses, for which it has to be text: `{"toString": 1}` cannot become any. */
function tryStruct<T>(struct: Struct<T, unknown>, value: unknown, code: ErrorCode): [Failure[], undefined] | [undefined, T] {
  try {
    const [error, checked] = struct.validate(value, { coerce: true });
    return error ? [failuresOf(struct, value, { most: FAULTS_MAX, coerce: true }), undefined] : [undefined, checked as T];
  } catch (cause) {
    throw new KanadeError(code, 'it holds what cannot even be quoted', { cause });
  }
}

/** One error of all faults. */
export function refusal(code: ErrorCode, faults: readonly Fault[]): KanadeError {
  const first = faults[0]?.code;
  const shared = first !== undefined && faults.every((fault) => fault.code === first) ? first : code;
  const detail = faults.map((fault) => `${fault.pointer || 'the whole'}: ${fault.message}`).join('; ');
  return new KanadeError(shared, detail, { faults });
}

function wordsOf(failure: { type: string; value: unknown; message: string }): string {
  if (failure.type === 'never') return 'is not a known field';
  if (failure.value === undefined) return 'is missing';
  const words = failure.message.replace(/^Expected/, 'expected').replace(/, but received: .*$/s, `, not ${inWords(failure.value)}`);
  // In YAML `version: 1.0` is a number, and looks to whoever wrote it like the text it should be.
  const unquoted = failure.type === 'string' && (typeof failure.value === 'number' || typeof failure.value === 'boolean');
  return unquoted ? `${words}: put it in quotes` : words;
}

/** What came in place of what was expected; superstruct says nothing at all of an empty list. */
function inWords(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  // A list has members by the names of fields, such as `sort`, which no JSON can say.
  return `the ${typeof value} ${(JSON.stringify(value) ?? '').slice(0, QUOTED_MAX)}`.trimEnd();
}

/**
 * Refuses what JSON can say and UTF-8 cannot (half a surrogate pair would silently become another character on the way
 * to the PC), and nesting that would exhaust the stack of whoever walks it next.
 */
export function refuseUnspeakable(value: unknown): void {
  const faults: Fault[] = [];
  const look = (text: string, place: Place | undefined) => {
    if (!text.isWellFormed()) faults.push({ pointer: pointerTo(place), message: 'holds half of a surrogate pair' });
  };
  if (typeof value === 'string') look(value, undefined);
  let level: { held: object; place: Place | undefined }[] = isObject(value) ? [{ held: value, place: undefined }] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) throw new KanadeError('bad_request', `the body is nested more than ${DEPTH_MAX} deep`);
    const next: typeof level = [];
    for (const { held, place } of level) {
      if (Array.isArray(held)) {
        for (let i = 0; i < held.length; i++) {
          const member: unknown = held[i];
          if (isObject(member)) next.push({ held: member, place: { key: String(i), in: place } });
          else if (typeof member === 'string' && !member.isWellFormed()) look(member, { key: String(i), in: place });
        }
        continue;
      }
      for (const key of Object.keys(held)) {
        const member = (held as Record<string, unknown>)[key];
        if (!key.isWellFormed()) look(key, { key, in: place });
        else if (typeof member === 'string') look(member, { key, in: place });
        else if (isObject(member)) next.push({ held: member, place: { key, in: place } });
      }
    }
    level = next;
  }
  if (faults.length > 0) throw refusal('invalid_body', faults.slice(0, FAULTS_MAX));
}

/** Where something stands, put into words only when something is wrong there: of what is right there may be a million. */
interface Place {
  key: string;
  in: Place | undefined;
}

function pointerTo(place: Place | undefined): string {
  return place === undefined ? '' : `${pointerTo(place.in)}/${place.key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
