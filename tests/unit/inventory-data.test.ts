import { expect, test } from 'vitest';
import { faultInData, type SectionData, tooMuchInData } from '#core/contract/inventory-data.ts';

const NO_VALUE = 'is not text, a number, true, false, null or a list of these';

test.each([
  ['os', null],
  ['os', { name: 'x', build: 1, free: 0.5, virtual: false, note: null, ips: ['a', null, 1] }],
  ['software', []],
  ['software', [{ name: 'x' }, {}]],
  ['own', {}],
  ['own', [{ a: 1 }]],
  ['constructor', { constructor: 1 }],
])('%s may be %j', (section, data) => expect(faultInData(section, data)).toBe(undefined));

test.each([
  ['os', [], '', 'is a list, and os is an object'],
  ['software', {}, '', 'is an object, and software is a list'],
  ['own', 'x', '', 'is string, and own is an object or a list of them'],
  ['own', undefined, '', 'is undefined, and own is an object or a list of them'],
  ['own', [{}, null], '/1', 'is not an object'],
  ['own', [[{}]], '/0', 'is not an object'],
  ['own', { FreeGb: 1 }, '', 'has the field "FreeGb", which is not a name in snake_case'],
  ['own', [{}, { 'a b': 1 }], '/1', 'has the field "a b", which is not a name in snake_case'],
  ['own', JSON.parse('{"__proto__": 1}'), '', 'has the field "__proto__", which is not a name in snake_case'],
  ['os', { a: { b: 1 } }, '/a', NO_VALUE],
  ['software', [{ a: 1 }, { b: [[1]] }], '/1/b', NO_VALUE],
  ['own', { a: Number.POSITIVE_INFINITY }, '/a', NO_VALUE],
  ['own', Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`a${n}`, n])), '', 'has 201 fields, 200 are the most'],
])('%s is refused when it is %j, saying where', (section, data, pointer, message) =>
  expect(faultInData(section, data)).toEqual({ pointer, message }));

test.each([
  'psobject',
  'ps_object',
  'p_s_base',
  'psadapted',
  'psextended_',
  'ps_type_names',
])('no field is called %s: PowerShell has that at every object', (name) =>
  expect(faultInData('own', { [name]: 1 })).toMatchObject({ pointer: '' }));

test.each([
  [{ a: 'x'.repeat(4097) }, '/a', 'is longer than 4096 characters'],
  [[{}, { a: ['x'.repeat(4097)] }], '/1/a', 'is longer than 4096 characters'],
  [[{ a: Array.from({ length: 257 }, () => 1) }], '/0/a', 'has 257 values, 256 are the most'],
  [Array.from({ length: 501 }, (_, n) => ({ [`a${n}`]: 1 })), '/500', 'has names that make more than 500 with those before'],
])('what is too much is told with its place', (data, pointer, message) =>
  expect(tooMuchInData(data as SectionData)).toEqual({ pointer, message }));

test.each([
  [{ a: 'x'.repeat(4096), b: Array.from({ length: 256 }, () => 'x') }],
  [Array.from({ length: 1000 }, (_, n) => ({ [`a${n % 500}`]: 1 }))],
])('just so much is not too much', (data) => expect(tooMuchInData(data as SectionData)).toBeUndefined());
