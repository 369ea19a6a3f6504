import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EVENT_LOG, eventLine } from '#core/process/event-log.ts';

const read = (file: string) => readFile(join(import.meta.dirname, '../..', file), 'utf8');
const all = Object.entries(EVENT_LOG);

test('the ids in the documents are those of the code', async () => {
  const rows = [...(await read('docs/windows-host.md')).matchAll(/^\| (1\d{3}) \| (\w+) \|/gm)].map(([, id, level]) => [Number(id), level]);
  expect(rows).toEqual(all.map(([, { id, level }]) => [id, level]));
});

test('each id is used once, and is one that kanade-host takes', () => {
  const ids = all.map(([, { id }]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => id < 1000 || id > 1099)).toEqual([]);
});

test('what kanade-host writes by itself has the ids of its own header', async () => {
  const header = await read('installer/host/log.h');
  const defined = [...header.matchAll(/^#define EVENT_(\w+) (\d+)$/gm)].map(([, name, id]) => [name!.toLowerCase(), Number(id)]);
  expect(defined).toEqual(all.flatMap(([name, row]) => ('words' in row ? [] : [[name, row.id]])));
});

test('an event is one line, whatever its facts hold', () => {
  const line = eventLine('script_started', { exec: 'e1', actor: 'li"sa\r\n@kanade ready\u202e\u2028 exec=e2', sha256: undefined });
  expect(line).toBe(`@kanade event 1020 info a script starts: exec=e1 actor="li'sa  @kanade ready   exec=e2"`);
});

test('an event is short, however long its facts are, and well formed where it is cut', () => {
  const line = eventLine('refused', { code: 'x'.repeat(9999), subject: `${'x'.repeat(255)}😀`, request: 'ü'.repeat(9999) });
  expect(Buffer.byteLength(line)).toBeLessThan(2000);
  expect(line.isWellFormed()).toBe(true);
});
