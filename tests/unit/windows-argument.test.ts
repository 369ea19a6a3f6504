import { expect, test } from 'vitest';
import { windowsArgument } from '#core/process/windows-argument.ts';

test.each([
  ['C:\\a.exe', 'C:\\a.exe'],
  ['', '""'],
  ['C:\\Program Files\\a.exe', '"C:\\Program Files\\a.exe"'],
  ['ends with \\', '"ends with \\\\"'],
  ['say "hi"', '"say \\"hi\\""'],
  ['a\\\\"b', '"a\\\\\\\\\\"b"'],
  ['tab\there', '"tab\there"'],
])('%s stands on a command line as %s', (text, line) => expect(windowsArgument(text)).toBe(line));
