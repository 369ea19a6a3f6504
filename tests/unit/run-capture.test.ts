import { expect, test } from 'vitest';
import { Capture } from '#core/agent/run/capture.ts';
import { TailRing } from '#core/agent/run/tail-ring.ts';

const MAX = 3000;
const bytesOf = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, i) => 97 + (i % 26)));

test.each([0, 1, 1999, 2000, 2001, 2872])('%i bytes are kept whole', (length) => {
  const capture = new Capture(MAX);
  const bytes = bytesOf(length);
  for (let at = 0; at < length; at += 700) capture.push(bytes.subarray(at, at + 700));
  const { bytes: kept, ...rest } = capture.take();
  expect(Buffer.from(kept)).toEqual(bytes);
  expect(rest).toEqual({ total: length, truncated: false });
});

test.each([1, 333, 100_000])('of more, the beginning and the end stay, with a count between, in chunks of %i', (step) => {
  const capture = new Capture(MAX);
  const bytes = bytesOf(10_000);
  for (let at = 0; at < bytes.length; at += step) capture.push(bytes.subarray(at, at + step));
  const { bytes: kept, total, truncated } = capture.take();
  expect([total, truncated]).toEqual([10_000, true]);
  expect(kept.length).toBeLessThanOrEqual(MAX);
  const marker = '\n[Kanade: 7128 of 10000 bytes left out here]\n';
  expect(Buffer.from(kept).toString()).toBe(bytes.subarray(0, 2000) + marker + bytes.subarray(-872));
});

test('the cut never makes UTF-8 into something else', () => {
  for (const shift of [0, 1, 2, 3]) {
    const capture = new Capture(MAX);
    const bytes = Buffer.from('x'.repeat(shift) + '😀é日'.repeat(1000));
    capture.push(bytes);
    const kept = capture.take().bytes;
    const text = new TextDecoder('utf-8', { fatal: true }).decode(kept);
    const left = Number(/Kanade: (\d+) of/.exec(text)?.[1]);
    expect(Buffer.byteLength(text.replace(/\n.*\n/, ''))).toBe(bytes.length - left);
  }
});

test('the tail is read by absolute offset, from what is still there', () => {
  const ring = new TailRing();
  expect(ring.read(0)).toEqual({ from: 0, data: Buffer.alloc(0), next: 0 });
  ring.push(Buffer.from('hello'));
  expect(ring.read(2)).toEqual({ from: 2, data: Buffer.from('llo'), next: 5 });
  expect(ring.read(99)).toEqual({ from: 5, data: Buffer.alloc(0), next: 5 });
  const long = bytesOf(200_001);
  for (let at = 0; at < long.length; at += 7777) ring.push(long.subarray(at, at + 7777));
  const all = ring.read(0);
  expect([all.from, all.next]).toEqual([200_006 - 65_536, 200_006]);
  expect(Buffer.from(all.data)).toEqual(long.subarray(-65_536));
  expect(Buffer.from(ring.read(200_000).data)).toEqual(long.subarray(-6));
  ring.push(bytesOf(65_536 * 2));
  expect(Buffer.from(ring.read(0).data)).toEqual(bytesOf(65_536 * 2).subarray(65_536));
});
