import { expect, test } from 'vitest';
import { scriptPreview } from '#backend/projectors/read/script-preview.ts';

test('a script is known by its first line that is not blank, cut to what a list can show', () => {
  expect(scriptPreview('\ufeff\r\n  \r\n  Get-Process | Sort-Object CPU  \r\nexit 0')).toBe('Get-Process | Sort-Object CPU');
  expect(scriptPreview('x'.repeat(101))).toBe('x'.repeat(100));
  expect(scriptPreview(`${'x'.repeat(99)}😀`)?.isWellFormed()).toBe(true);
  expect([scriptPreview(' \n'), scriptPreview(null)]).toEqual([null, null]);
});
