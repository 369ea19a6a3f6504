import { expect, test } from 'vitest';
import { expectedRevision, isNotModified } from '#backend/http/etag.ts';
import { parsePosition, positionText } from '#backend/http/execution-events.ts';
import { checkLoopbackHost } from '#backend/http/host-check.ts';
import { parseTailPosition } from '#backend/http/result-tail.ts';
import { smallest } from '#backend/http/smallest.ts';

test('If-Match asks for the revision, * for anything that is there', () => {
  expect(expectedRevision({}, 7)).toBeUndefined();
  expect(expectedRevision({ ifMatch: '"7"' }, 7)).toBe(7);
  expect(expectedRevision({ ifMatch: '"3", "7"' }, 7)).toBe(7);
  expect(expectedRevision({ ifMatch: '*' }, 7)).toBe(7);
  const failed = expect.objectContaining({ code: 'precondition_failed' });
  expect(() => expectedRevision({ ifMatch: '"6"' }, 7)).toThrow(failed);
  expect(() => expectedRevision({ ifMatch: '*' }, undefined)).toThrow(failed);
  expect(expectedRevision({ ifMatch: 'W/"7"' }, 7)).toBe(7);
  for (const ifMatch of ['7', '', '"7', '"7" "8"', 'w/7', '*, "7"']) {
    expect(() => expectedRevision({ ifMatch }, 7)).toThrow(
      expect.objectContaining({ code: 'bad_request', message: expect.stringContaining('malformed') }),
    );
  }
});

test('If-None-Match asks that nothing is there, and when reading for what is not known yet', () => {
  expect(expectedRevision({ ifNoneMatch: '*' }, undefined)).toBe(0);
  expect(() => expectedRevision({ ifNoneMatch: '*' }, 7)).toThrow(expect.objectContaining({ code: 'precondition_failed' }));
  expect(() => expectedRevision({ ifNoneMatch: '"7"' }, 7)).toThrow(expect.objectContaining({ code: 'bad_request' }));
  expect(isNotModified('W/"7"', 7)).toBe(true);
  expect(isNotModified('"6"', 7)).toBe(false);
  expect(isNotModified(undefined, 7)).toBe(false);
});

test('positions of event streams survive the way to the client and back, and nonsense starts from the beginning', () => {
  const position = { epoch: '0123456789ab', executions: 1, events: 22, results: 333 };
  expect(parsePosition(positionText(position))).toEqual(position);
  for (const text of [undefined, '', '1', 'x.1.2.3', 'ab.1.2', 'ab.1.2.-3']) expect(parsePosition(text)).toBeUndefined();
  expect(parseTailPosition('10.20')).toEqual({ stdout: 10, stderr: 20 });
  expect(parseTailPosition('10')).toEqual({ stdout: 0, stderr: 0 });
});

test.each(['localhost', 'LOCALHOST:8480', '127.0.0.1', '127.1.2.3:80', '[::1]:8480'])('the host %s is loopback', (host) => {
  expect(() => checkLoopbackHost(host)).not.toThrow();
});

test.each([
  undefined,
  '',
  'evil.example',
  '127.0.0.1.evil.example',
  'localhost.evil.example:8480',
  '10.0.0.1',
  'user@localhost',
])('the host %s is not', (host) => {
  expect(() => checkLoopbackHost(host)).toThrow(expect.objectContaining({ code: 'wrong_host' }));
});

test('the smallest of many are the head of the sorted list', () => {
  const numbers = Array.from({ length: 500 }, (_, i) => (i * 7919) % 251);
  for (const count of [1, 10, 500, 600]) {
    expect(smallest(numbers, count, (a, b) => a - b)).toEqual([...numbers].sort((a, b) => a - b).slice(0, count));
  }
});
