import { expect, test } from 'vitest';
import { charsetOf } from '#core/agent/platform/posix.ts';
import { codePageLabel } from '#core/agent/platform/windows-text.ts';
import { decodeOutput } from '#core/agent/run/decode-output.ts';
import { OEM_TABLES } from '#core/agent/run/oem-tables.ts';

test('UTF-8 is exact, whatever the console says, and so are its mark and control characters', () => {
  for (const text of ['', 'plain', '日本 é 😀', '\ufeffmarked', '\0\u0001\u001b[0m\u007f\r\n']) {
    expect(decodeOutput(Buffer.from(text), 'shift_jis')).toEqual({ text, exact: true });
  }
});

test.each([
  ['932', [0x93, 0xfa, 0x96, 0x7b], '日本'],
  ['850', [0x82, 0x9b, 0xd5, 0x0d, 0x00], 'éøı\r\0'],
  ['437', [0x81, 0xe1, 0xff], 'üß\u00a0'],
  ['1252', [0xe9, 0x80], 'é€'],
  ['866', [0x8f, 0xe0], 'Пр'],
])('what is no UTF-8 is read in code page %s', (page, bytes, text) => {
  expect(decodeOutput(Uint8Array.from(bytes), codePageLabel(page))).toEqual({ text, exact: false });
});

test('what fits neither is kept as far as it goes', () => {
  const bytes = Uint8Array.from([0x61, 0xff, 0x62]);
  for (const label of ['utf-8', 'shift_jis', codePageLabel('720'), 'no such charset']) {
    expect(decodeOutput(bytes, label)).toEqual({ text: 'a\ufffdb', exact: false });
  }
});

test('every code page table has a character for each of the upper 128 bytes', () => {
  for (const table of Object.values(OEM_TABLES)) expect(table).toHaveLength(128);
});

test('the charset of a POSIX console comes from the first of its variables that is set', () => {
  expect(charsetOf({})).toBe('utf-8');
  expect(charsetOf({ LANG: 'C' })).toBe('utf-8');
  expect(charsetOf({ LANG: 'de_DE.ISO-8859-1@euro' })).toBe('iso-8859-1');
  expect(charsetOf({ LC_ALL: '', LC_CTYPE: 'ja_JP.SJIS', LANG: 'C.UTF-8' })).toBe('sjis');
  expect(decodeOutput(Uint8Array.from([0xc6, 0xfc]), charsetOf({ LC_ALL: 'ja_JP.eucJP' }))).toEqual({ text: '日', exact: false });
});
