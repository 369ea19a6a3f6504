import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).map((name) => `docs/${name}`)].filter((name) => name.endsWith('.md'));
const read = (page: string) => readFileSync(join(ROOT, page), 'utf8');

describe.each(PAGES)('%s', (page) => {
  test('every test that it names is there', () => {
    const named = [...read(page).matchAll(/[\w./-]+\.(?:test\.ts|Tests\.ps1)/g)].map(([name]) => name);
    expect(named.filter((name) => !existsSync(join(ROOT, name)))).toEqual([]);
  });
});

test('each row of the threat model names the tests that show it, and they are there', () => {
  const [, table] = /## Threat model\n([\s\S]*?)\n\n(?!\|)(?=The names)/.exec(read('docs/security.md'))!;
  const rows = table!.split('\n').filter((line) => line.startsWith('| **'));
  expect(rows.length).toBeGreaterThan(3);
  for (const row of rows) {
    const names = [
      ...row
        .split('|')
        .at(-2)!
        .matchAll(/`([\w./-]+)`/g),
    ].map(([, name]) => name!);
    expect(names, row).not.toEqual([]);
    const path = (name: string) => (name.includes('/') ? name : `tests/integration/${name}.test.ts`);
    expect(names.filter((name) => !existsSync(join(ROOT, path(name))))).toEqual([]);
  }
});
