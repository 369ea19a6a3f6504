import { expect, test } from 'vitest';
import { BODY_MAX, PARTS_MAX, parseJsonBody } from '#backend/http/read-body.ts';

const list = (one: string, count: number) => `[${Array<string>(count).fill(one).join(',')}]`;
const parse = (text: string) => parseJsonBody(Buffer.from(text));

test('a body has so many members and no more, before anything is made of them', () => {
  expect(parse(list('"PC"', PARTS_MAX))).toHaveLength(PARTS_MAX);
  expect(() => parse(list('"PC"', PARTS_MAX + 1))).toThrow(expect.objectContaining({ code: 'body_too_large' }));
  expect(() => parse(list('[]', PARTS_MAX / 2 + 1))).toThrow(expect.objectContaining({ code: 'body_too_large' }));
  expect(() => parse(list('{"a":1}', PARTS_MAX / 2 + 1))).toThrow(expect.objectContaining({ code: 'body_too_large' }));
  expect(() => parse('{'.repeat(BODY_MAX))).toThrow(expect.objectContaining({ code: 'body_too_large' }));
});

test('what stands in a text is no member, however it is written', () => {
  const script = `${'{[,'.repeat(PARTS_MAX)}\\"${'"\\'.repeat(PARTS_MAX)}`;
  expect(parse(JSON.stringify({ script, [script]: 1 }))).toEqual({ script, [script]: 1 });
});

test.each(['"', '"\\', '{"a', '[1,', ''])('what breaks off is no JSON: %s', (text) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'bad_request' }));
});
