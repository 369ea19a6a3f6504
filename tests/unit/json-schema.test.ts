import { any, array, boolean, coerce, define, literal, nullable, number, object, optional, record, size, string, type } from 'superstruct';
import { expect, test } from 'vitest';
import { annotate, noted, toJsonSchema } from '#backend/schema/json-schema.ts';
import { duration, Flag, listOf, PcId, text, whole, word } from '#backend/schema/structs.ts';
import { Id } from '#core/contract/ids.ts';

test('objects say what they need and whether they take more', () => {
  expect(toJsonSchema(object({ a: string(), b: optional(number()), c: any() }))).toEqual({
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'number' }, c: {} },
    required: ['a'],
    additionalProperties: false,
  });
  expect(toJsonSchema(type({ a: boolean() }))).toEqual({ type: 'object', properties: { a: { type: 'boolean' } }, required: ['a'] });
});

test('records, arrays, literals and what may be null', () => {
  expect(toJsonSchema(record(string(), array(Id)))).toEqual({
    type: 'object',
    additionalProperties: { type: 'array', items: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' } },
  });
  expect(toJsonSchema(nullable(number()))).toEqual({ type: ['number', 'null'] });
  expect(toJsonSchema(nullable(word(['a', 'b'])))).toEqual({ anyOf: [{ type: 'string', enum: ['a', 'b'] }, { type: 'null' }] });
  expect(toJsonSchema(literal('x'))).toEqual({ const: 'x' });
});

test('a note survives being made optional, nullable, coerced or refined', () => {
  const noted = annotate(size(string(), 1, 5), { type: 'string', minLength: 1 });
  for (const wrapped of [optional(noted), size(noted, 2, 3), coerce(noted, number(), String)]) {
    expect(toJsonSchema(wrapped)).toEqual({ type: 'string', minLength: 1 });
  }
  expect(toJsonSchema(nullable(noted))).toEqual({ type: ['string', 'null'], minLength: 1 });
});

test('a note may say more of a struct than it shows, and the struct it is made from says no more than before', () => {
  const plain = string();
  const more = noted(plain, { default: 'x', description: 'words' });
  expect(toJsonSchema(object({ a: optional(more) }))).toMatchObject({
    properties: { a: { type: 'string', default: 'x', description: 'words' } },
  });
  expect(toJsonSchema(plain)).toEqual({ type: 'string' });
  const inner = noted(object({ b: number() }), { description: 'an object' });
  expect(inner.validate({ b: 'x' })[0]?.path).toEqual(['b']);
  expect(inner.create({ b: 1 })).toEqual({ b: 1 });
});

test('a struct nobody described is refused rather than guessed', () => {
  expect(() => toJsonSchema(define('Odd', () => true))).toThrow(/needs a note/);
});

test('the structs of the boundary read what a query carries', () => {
  expect(whole(1, 500).create('50')).toBe(50);
  for (const wrong of ['0', '501', '1.5', '-1', '', 'x', '1e2']) expect(whole(1, 500).validate(wrong, { coerce: true })[0]).toBeDefined();
  expect(Flag.create('true')).toBe(true);
  expect(Flag.validate('yes', { coerce: true })[0]).toBeDefined();
  expect(listOf(['a', 'b']).create('b,a')).toEqual(['b', 'a']);
  expect(listOf(['a', 'b']).validate('a,c', { coerce: true })[0]).toBeDefined();
  expect(PcId.create('lab-pc')).toBe('LAB-PC');
  expect(text(1, 2).validate('abc')[0]).toBeDefined();
  expect(object({ wait: duration(1, 60) }).validate({ wait: '1h' })[0]?.message).toContain('wait "1h" is not within 1s to 1m');
  expect(duration(1, 60).validate('soon')[0]?.message).toContain('not a duration');
});
