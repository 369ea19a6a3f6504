import { expect, test } from 'vitest';
import { utf8Prefix } from '#backend/http/utf8-prefix.ts';

test('text cut at any byte gives whole characters, and nothing is lost or doubled', () => {
  const bytes = Buffer.from('aé€😀z');
  for (let cut = 0; cut <= bytes.length; cut++) {
    const whole = utf8Prefix(bytes.subarray(0, cut));
    expect(bytes.subarray(0, whole).toString()).not.toContain('\ufffd');
    expect(cut - whole).toBeLessThan(4);
    expect(bytes.subarray(0, whole).toString() + bytes.subarray(whole).toString()).toBe('aé€😀z');
  }
});

test('bytes that are no UTF-8 are not held back for ever', () => {
  expect(utf8Prefix(Buffer.from([0x41, 0xff]))).toBe(2);
  expect(utf8Prefix(Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80]))).toBe(5);
  expect(utf8Prefix(new Uint8Array())).toBe(0);
});
