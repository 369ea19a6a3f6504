import { array, defaulted, object, optional, string } from 'superstruct';
import { expect, test } from 'vitest';
import { readConditions } from '#backend/http/conditions.ts';
import { problemOf } from '#backend/http/problem.ts';
import { parseQuery } from '#backend/http/query.ts';
import { refuseUnspeakable, validate } from '#backend/http/validate.ts';
import { duration } from '#backend/schema/structs.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';

const request = { path: '/api/v1/x', id: 'r1' };

function thrownBy(act: () => unknown): KanadeError {
  try {
    act();
  } catch (error) {
    if (error instanceof KanadeError) return error;
  }
  throw new Error('no KanadeError was thrown');
}

test('a known error travels with its code, status and faults', () => {
  const error = new KanadeError('unknown_pc', 'no PC9', { faults: [{ pointer: '/target/pcs/0', message: 'no PC9' }] });
  expect(problemOf(error, request)).toEqual({
    type: 'urn:kanade:error:unknown_pc',
    title: 'No such PC is enrolled',
    status: 422,
    detail: 'no PC9',
    instance: '/api/v1/x',
    code: 'unknown_pc',
    request_id: 'r1',
    errors: [{ pointer: '/target/pcs/0', message: 'no PC9', code: 'unknown_pc' }],
  });
});

test.each([
  new Error('/home/secret'),
  new KanadeError('internal', '/home/secret'),
  new KanadeError('bad_message', '/home/secret'),
  '/home/secret',
])('what is not meant to travel becomes internal and tells nothing: %s', (error) => {
  const problem = problemOf(error, request);
  expect(problem).toMatchObject({ status: 500, code: 'internal' });
  expect(JSON.stringify(problem)).not.toContain('secret');
});

test('every fault is found at once, each with its RFC 6901 pointer', () => {
  const struct = object({ name: string(), list: array(object({ 'a/b~c': string() })), more: optional(string()) });
  const error = thrownBy(() => validate(struct, { list: [{ 'a/b~c': 1 }], nmae: 'x' }, 'invalid_body'));
  expect(error.code).toBe('invalid_body');
  expect(error.faults.map((fault) => fault.pointer).sort()).toEqual(['/list/0/a~1b~0c', '/name', '/nmae']);
  expect(error.faults.find((fault) => fault.pointer === '/nmae')?.message).toBe('is not a known field');
  expect(error.faults.find((fault) => fault.pointer === '/name')?.message).toBe('is missing');
});

test('when all faults are of one kind, the error has the code of that kind', () => {
  expect(thrownBy(() => validate(object({ id: Id }), { id: 'a b' }, 'invalid_query')).code).toBe('invalid_id');
  expect(thrownBy(() => validate(object({ t: duration(1, 5) }), { t: 'x' }, 'invalid_body')).code).toBe('invalid_duration');
  expect(thrownBy(() => validate(object({ id: Id, t: duration(1, 5) }), { id: '', t: 'x' }, 'invalid_body')).code).toBe('invalid_body');
});

test('what is missing is missing, whatever form it would have', () => {
  const error = thrownBy(() => validate(object({ id: Id, t: duration(1, 5) }), {}, 'invalid_body'));
  expect([error.code, error.message]).toEqual(['invalid_body', '/id: is missing; /t: is missing']);
});

test('a fault says what came in place of what was expected', () => {
  const said = (value: unknown) => thrownBy(() => validate(object({ version: string() }), value, 'invalid_body')).message;
  expect(said([])).toMatch(/^the whole: expected an object, not a list;/);
  expect(said('')).toMatch(/^the whole: expected an object, not the string ""/);
  expect(said({ version: null })).toBe('/version: expected a string, not null');
  expect(said({ version: 1.5 })).toBe('/version: expected a string, not the number 1.5: put it in quotes');
  expect(said({ version: {} })).toBe('/version: expected a string, not an object');
});

test('a query parameter given twice is refused', () => {
  expect(parseQuery('?a=1&b=%20')).toEqual({ query: { a: '1', b: ' ' }, free: [] });
  expect(thrownBy(() => parseQuery('?a=1&a=2')).code).toBe('invalid_query');
});

test('parameters of a free form are handed on as they were written, twice if they are there twice', () => {
  const isFree = (name: string) => name.includes('.');
  expect(parseQuery('?a=1&b.c=%3D+x&b.c=&b.c&d.e%3C%3D2&f.g<=3=4&%C3%A4.%26=%25', isFree)).toEqual({
    query: { a: '1' },
    free: ['b.c== x', 'b.c=', 'b.c', 'd.e<=2', 'f.g<=3=4', 'ä.&=%'],
  });
});

test('conditions are read, and each that is none is named', () => {
  expect(readConditions(['os.build>=1', '!a.b=c'])).toHaveLength(2);
  const { code, faults } = thrownBy(() => readConditions(['os.build>=1', 'os.build', 'x/y.z']));
  expect([code, faults.map((fault) => fault.pointer)]).toEqual(['invalid_query', ['/os.build', '/x~1y.z']]);
  expect(thrownBy(() => readConditions(Array(21).fill('a.b=c'))).code).toBe('invalid_query');
  expect(thrownBy(() => readConditions([`a.b=${'c'.repeat(1000)}`])).code).toBe('invalid_query');
});

test('a list in place of an object is refused, also where a list has a member of that name', () => {
  expect(thrownBy(() => validate(object({ sort: optional(string()) }), [], 'invalid_body')).code).toBe('invalid_body');
});

test('of a million faults a hundred are told, soon, and what has a default is not missing', () => {
  const struct = object({ ids: array(Id), kind: defaulted(string(), 'x') });
  const began = performance.now();
  const { code, faults } = thrownBy(() => validate(struct, { ids: JSON.parse(`[${'1,'.repeat(1_000_000)}1]`) }, 'invalid_body'));
  expect(performance.now() - began).toBeLessThan(5000);
  expect([code, faults.length, faults[99]!.pointer]).toEqual(['invalid_id', 100, '/ids/99']);
});

test('what cannot be quoted is refused as well: superstruct cannot say what it got instead', () => {
  const value = JSON.parse('{"name": {"toString": 1}, "more": [{"toString": []}]}');
  expect(thrownBy(() => validate(object({ name: string(), more: string() }), value, 'invalid_body')).code).toBe('invalid_body');
});

test('a body of as many values as fit is looked through while nobody else waits for long', () => {
  const began = performance.now();
  refuseUnspeakable(JSON.parse(`[${'"ab",'.repeat(1_000_000)}1]`));
  expect(performance.now() - began).toBeLessThan(3000);
});

test('half a surrogate pair and bottomless nesting are refused', () => {
  expect(thrownBy(() => refuseUnspeakable(JSON.parse('{"args":["\\ud800"]}'))).faults[0]?.pointer).toBe('/args/0');
  expect(thrownBy(() => refuseUnspeakable(JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`))).code).toBe('bad_request');
  expect(
    thrownBy(() => refuseUnspeakable(JSON.parse('{"a/b":[{"\\udc00":1}],"c":"\\udc00"}'))).faults.map(({ pointer }) => pointer),
  ).toEqual(['/c', '/a~1b/0/\udc00']);
  expect(() => refuseUnspeakable({ script: 'ok 😀', args: [1, null, { a: 'b' }] })).not.toThrow();
});
