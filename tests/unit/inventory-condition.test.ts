import fc from 'fast-check';
import { expect, test as it } from 'vitest';
import { comparison, likeness } from '#backend/inventory/compare.ts';
import { type Condition, conditionText, OPERATORS, parseCondition, test } from '#backend/inventory/condition.ts';
import { typeFault } from '#backend/inventory/value-type.ts';
import type { InventoryValue } from '#core/contract/inventory.ts';

const holds = (text: string, value?: InventoryValue) => test(parseCondition(text)!)(value);

it.each<[string, Condition]>([
  ['software.name=Google Chrome', { lacks: false, section: 'software', field: 'name', op: '=', value: 'Google Chrome' }],
  ['!software.version>=120', { lacks: true, section: 'software', field: 'version', op: '>=', value: '120' }],
  ['os.build >= 22000', { lacks: false, section: 'os', field: 'build', op: '>=', value: '22000' }],
  ['os.build<22000', { lacks: false, section: 'os', field: 'build', op: '<', value: '22000' }],
  ['a.b!=', { lacks: false, section: 'a', field: 'b', op: '!=', value: '' }],
  ['a.b~x=y', { lacks: false, section: 'a', field: 'b', op: '~', value: 'x=y' }],
  ['a.b=<=', { lacks: false, section: 'a', field: 'b', op: '=', value: '<=' }],
])('%s is read as a condition', (text, condition) => {
  expect(parseCondition(text)).toEqual(condition);
});

it.each([
  '',
  'software',
  'software.name',
  'software=1',
  '.name=1',
  'software.=1',
  'Software.name=1',
  'a.b.c=1',
  '!!a.b=1',
  'a b.c=1',
  'a.b!1',
])('%j is none', (text) => {
  expect(parseCondition(text)).toBeUndefined();
});

it('a condition that is written down is read as itself', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
  const value = fc.string().map((text) => text.trim());
  const condition = fc.record({ lacks: fc.boolean(), section: name, field: name, op: fc.constantFrom(...OPERATORS), value });
  // What begins with a part of an operator would become one with it.
  fc.assert(
    fc.property(condition, (one) => {
      fc.pre(!/^[=]/.test(one.value) || !/^[<>]$/.test(one.op));
      expect(parseCondition(conditionText(one))).toEqual(one);
    }),
  );
});

it('texts are equal without case, with * for any text; numbers and booleans by what they are', () => {
  expect(holds('a.b=google chrome', 'Google Chrome')).toBe(true);
  expect(holds('a.b=*CHROME', 'Google Chrome')).toBe(true);
  expect(holds('a.b=G*C*e', 'Google Chrome')).toBe(true);
  expect(holds('a.b=Google', 'Google Chrome')).toBe(false);
  expect(holds('a.b=[a-z]+.', 'abc')).toBe(false);
  expect(holds('a.b=22000', 22000)).toBe(true);
  expect(holds('a.b=22000.0', 22000)).toBe(true);
  expect(holds('a.b=22*', 22000)).toBe(true);
  expect(holds('a.b=true', true)).toBe(true);
  expect(holds('a.b=False', false)).toBe(true);
  expect(holds('a.b=1', true)).toBe(false);
  expect(holds('a.b~CHRO', 'Google Chrome')).toBe(true);
  expect(holds('a.b~200', 22000)).toBe(true);
  expect(holds('a.b~*', 'abc')).toBe(false);
});

it('nothing is null, a missing field or an empty list, and is neither less nor greater', () => {
  for (const nothing of [undefined, null, []] as const) {
    expect(holds('a.b=null', nothing)).toBe(true);
    expect(holds('a.b=', nothing)).toBe(true);
    expect(holds('a.b!=null', nothing)).toBe(false);
    expect(holds('a.b!=x', nothing)).toBe(true);
    for (const text of ['a.b=*', 'a.b=x', 'a.b~', 'a.b<1', 'a.b>=0', 'a.b<2026-01-01', 'a.b>a'])
      expect(holds(text, nothing), text).toBe(false);
  }
  expect(holds('a.b=', '')).toBe(true);
  expect(holds('a.b=null', '')).toBe(false);
  expect(holds('a.b!=null', 0)).toBe(true);
});

it('of a list one element is enough, and != is where = is not', () => {
  const addresses = ['10.1.2.3', 'fe80::1'];
  expect(holds('a.b=10.*', addresses)).toBe(true);
  expect(holds('a.b~fe80', addresses)).toBe(true);
  expect(holds('a.b=192.*', addresses)).toBe(false);
  expect(holds('a.b!=10.1.2.3', addresses)).toBe(false);
  expect(holds('a.b!=192.168.0.1', addresses)).toBe(true);
  expect(holds('a.b>5', [1, 9])).toBe(true);
});

it.each([
  ['9', '10'],
  ['1.9', '1.10'],
  ['119.0.6045.105', '120'],
  ['120.0.6099.71', '120.0.6099.109'],
  ['10.0.19045.4170', '10.0.22631.3296'],
  ['v7.4.6', '7.5.0'],
  ['7.5.0-rc1', '7.5.0'],
  ['7.5.0-preview.2', '7.5.0-rc1'],
  ['1.1.1', '1.1.1w'],
  ['1.1.1w', '1.1.2'],
  ['9.6', '1:9.6p1-3ubuntu13'],
  ['1:9.6p1-3ubuntu13', '10'],
  ['2.39-0ubuntu8.3', '2.39-0ubuntu8.10'],
  ['1, 0, 0, 9', '1.0.0.10'],
  ['7.5.1 (64-bit)', '7.5.2 (64-bit)'],
  ['2026.1', '2026.02'],
  ['99999999999999999999.1', '100000000000000000000.0'],
])('version %s is before %s', (less, greater) => {
  expect(holds(`a.b<${greater}`, less)).toBe(true);
  expect(holds(`a.b>=${greater}`, less)).toBe(false);
  expect(holds(`a.b>${less}`, greater)).toBe(true);
  expect(holds(`a.b<=${less}`, greater)).toBe(false);
});

it('a version has as many parts as it likes: what is left out is 0', () => {
  expect(holds('a.b<=120', '120.0.0')).toBe(true);
  expect(holds('a.b>=120.0.0', '120')).toBe(true);
  expect(holds('a.b>120', '120.0.0.1')).toBe(true);
  expect(holds('a.b>=010.2', '10.2')).toBe(true);
});

it('days and times are compared as times, whatever their zone; a day with a time as that one’s day', () => {
  expect(holds('a.b<2026-11-21T10:00:00Z', '2026-11-21T11:30:00+02:00')).toBe(true);
  expect(holds('a.b>=2026-11-21T10:00:00Z', '2026-11-21T10:00:00.000Z')).toBe(true);
  expect(holds('a.b<=2026-11-21', '2026-11-21T23:59:59Z')).toBe(true);
  expect(holds('a.b>2026-11-21', '2026-11-21T23:59:59Z')).toBe(false);
  expect(holds('a.b>2026-11-21', '2026-11-22')).toBe(true);
  expect(holds('a.b<2026-11-21 10:00', '2026-11-21T09:59:00Z')).toBe(true);
  for (const other of ['yesterday', '2026', 20261121, true]) expect(holds('a.b<2026-11-21', other), String(other)).toBe(false);
});

it('what looks otherwise than the value asked for compares with it neither way', () => {
  for (const other of ['unknown', '(none)', true]) {
    expect(holds('a.b<120', other)).toBe(false);
    expect(holds('a.b>=120', other)).toBe(false);
  }
  expect(holds('a.b>-5', 'x')).toBe(false);
  expect(holds('a.b>-5', '-4')).toBe(true);
  expect(holds('a.b<b', 'A')).toBe(true);
  expect(holds('a.b<b', 5)).toBe(false);
});

const versions = fc
  .array(fc.oneof(fc.nat(30).map(String), fc.constantFrom('rc1', 'beta', 'p1', 'w', 'preview2', '007')), { minLength: 1, maxLength: 5 })
  .map((parts) => `${parts[0]!.match(/^\d/) ? '' : '1.'}${parts.join('.')}`);

it('versions are in one order: every two of them, and every three', () => {
  const sign = (a: string, b: string) => Math.sign(comparison(b)(a)!);
  fc.assert(
    fc.property(versions, versions, versions, (a, b, c) => {
      expect(sign(a, a)).toBe(0);
      expect(sign(a, b)).toBe(0 - sign(b, a));
      if (sign(a, b) <= 0 && sign(b, c) <= 0) expect(sign(a, c), `${a} <= ${b} <= ${c}`).toBeLessThanOrEqual(0);
      expect(sign(`${a}.0`, a)).toBe(0);
    }),
    { numRuns: 2000 },
  );
});

it('numbers compare as numbers', () => {
  const number = fc.oneof(fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));
  fc.assert(
    fc.property(number, number, (a, b) => {
      expect(Math.sign(comparison(String(b))(a)!)).toBe(Math.sign(a - b));
    }),
  );
});

it('instants compare as instants', () => {
  const time = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(time, time, (a, b) => {
      expect(Math.sign(comparison(b.toISOString())(a.toISOString())!)).toBe(Math.sign(a.getTime() - b.getTime()));
    }),
  );
});

it('a pattern is what a regular expression would find, in whatever case, and never slow', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'B', '*', '.', 'b'), maxLength: 12 });
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      const expression = new RegExp(`^${pattern.split('*').map(RegExp.escape).join('[^]*')}$`, 'i');
      expect(likeness(pattern)(text)).toBe(expression.test(text));
    }),
    { numRuns: 2000 },
  );
  // Tried in every way it would not end today.
  expect(likeness(`${'*a'.repeat(200)}*b`)('a'.repeat(100_000))).toBe(false);
});

it('of the operators each is what its name says of every value', () => {
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), versions);
  const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }));
  fc.assert(
    fc.property(value, fc.oneof(versions, fc.string(), fc.integer().map(String)), (one, wanted) => {
      const is = (op: Condition['op']) => test({ lacks: false, section: 'a', field: 'b', op, value: wanted.trim() })(one);
      expect(is('!=')).toBe(!is('='));
      if (!Array.isArray(one)) {
        expect(is('<') && is('>')).toBe(false);
        if (is('<=')) expect(is('<') || is('>=')).toBe(true);
        if (is('<') || is('>')) expect(is('<=') || is('>=')).toBe(true);
      }
    }),
  );
});

it.each(['31/12/2020', 'yesterday', '01.12.2020', 'lots', '20%'])('a time or a number is neither before nor after %s', (wanted) => {
  for (const value of ['2026-11-21T12:41:00Z', '2026-11-21']) {
    expect(holds(`a.b<${wanted}`, value)).toBe(false);
    expect(holds(`a.b>${wanted}`, value)).toBe(false);
  }
  if (!/^\d/.test(wanted)) expect(holds(`a.b<${wanted}`, 20) || holds(`a.b>${wanted}`, 20)).toBe(false);
});

it.each([
  [
    'os.build',
    ['=22631', '!=', '=null', '=22*', '~26', '>=22000', '<1.5', '>10.0.1'],
    ['=eleven', '!=x', '~a', '>=new', '<2026-01-01', '=1x*'],
  ],
  ['volumes.free_percent', ['<10'], ['<ten', '<x10']],
  ['tpm.present', ['=true', '!=FALSE', '=null', '=t*', '~ru', '='], ['=yes', '=1', '>0', '<true', '~x']],
  ['os.booted_at', ['<2026-11-01', '>=2026-11-01T10:00:00Z', '~2026', '=2026-*', '=null'], ['<yesterday', '>=5', '<31/12/2026']],
  ['os.name', ['=1', '<x', '>2026-01-01'], []],
  ['licences.seats', ['=many', '<x'], []],
  ['constructor.constructor', ['=x'], []],
])('%s can be asked for what its values may be, and for nothing else', (field, fine, odd) => {
  const faultOf = (rest: string) => typeFault(parseCondition(`${field}${rest}`)!);
  for (const rest of fine) expect(faultOf(rest), rest).toBe(undefined);
  for (const rest of odd) expect(faultOf(rest), rest).toContain(field);
});
