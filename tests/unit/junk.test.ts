import { array, number, object, optional, refine, string } from 'superstruct';
import { expect, test } from 'vitest';
import { check, decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { Heartbeat } from '#core/contract/heartbeat.ts';

const at = '2026-01-01T00:00:00Z';

function refused(work: () => unknown): KanadeError {
  try {
    work();
  } catch (error) {
    if (error instanceof KanadeError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

test('of a message that is wrong all over, a few faults are told, in few words', () => {
  const long = refused(() => decode(Heartbeat, encode({ pc_id: 'PC1', at, running: Array(100_000).fill(0) })));
  expect(long.code).toBe('bad_message');
  expect(long.message.length).toBeLessThan(10_000);
  const wide = refused(() => check(object({ a: string() }), { a: Array(100_000).fill('x') }));
  expect(wide.message.length).toBeLessThan(1000);
});

test('no more of a message is looked at than is told of', () => {
  let looked = 0;
  const Counted = refine(number(), 'counted', () => {
    looked++;
    return false;
  });
  refused(() => check(array(Counted), Array(10_000).fill(1)));
  expect(looked).toBeLessThan(50);
});

test('what is nested too deep to be quoted is refused like anything else', () => {
  const deep = `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`;
  expect(refused(() => decode(object({ a: optional(string()) }), new TextEncoder().encode(deep))).code).toBe('bad_message');
});

test('the faults are those of the struct, refinements included', () => {
  const Two = object({ a: refine(string(), 'short', (text) => text.length < 3), b: array(number()) });
  const { faults } = refused(() => check(Two, { a: 'long', b: [1, 'x'], c: 1 }));
  const [error] = Two.validate({ a: 'long', b: [1, 'x'], c: 1 });
  expect(faults).toEqual(error!.failures().map(({ path, message }) => ({ pointer: path.map((key) => `/${key}`).join(''), message })));
  expect(faults).toHaveLength(3);
});

test.each([
  ['more runs than any PC has', { running: Array(1001).fill('x') }],
  ['a long run', { running: ['x'.repeat(300)] }],
  ['many problems', { problems: Array(101).fill({ code: 'c', detail: 'd' }) }],
  ['a long problem', { problems: [{ code: 'c', detail: 'x'.repeat(5000) }] }],
  ['a long hostname', { hostname: 'x'.repeat(300) }],
  ['a long replay state', { replay: { state: 'x'.repeat(300) } }],
])('a heartbeat with %s is none', (_, said) => {
  expect(decode(Heartbeat, encode({ pc_id: 'PC1', at }))).toBeDefined();
  expect(refused(() => decode(Heartbeat, encode({ pc_id: 'PC1', at, ...said }))).code).toBe('bad_message');
});
