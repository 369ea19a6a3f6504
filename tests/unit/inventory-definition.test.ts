import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SECTION_KEYS, SECTIONS, type Section } from '#core/contract/inventory.ts';
import { FIELD_TYPES } from '#core/contract/inventory-fields.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const snakeCase = (name: string) => name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
const keysOf = (section: string) => SECTION_KEYS[section as Section] ?? [];
const contract = SECTIONS.map((section) => [section, keysOf(section)]);

/** `| os | object | name, version (10.0), ... |`: what is in brackets explains. */
const documented = [...read('docs/inventory.md').matchAll(/^\| (\w+) \| (object|list)(?: \(([^)]*)\))? \| (.*) \|$/gm)].map(
  ([, section, shape, key, fields]) => ({
    section: section!,
    shape,
    keys: key?.split(', ') ?? [],
    fields: fields!.replaceAll(/ \([^)]*\)/g, '').split(', '),
  }),
);

test('the module collects the sections of the contract, in its order and by its keys', () => {
  const text = read('ps-module/Private/Inventory/Get-KanadeInventoryDefinition.ps1');
  const defined = [...text.matchAll(/^ {8}(\w+) += @\{ Key = @\(([^)]*)\)[; ]/gm)].map(([, section, keys]) => [
    section,
    [...keys!.matchAll(/'(\w+)'/g)].map(([, name]) => snakeCase(name!)),
  ]);
  expect(defined).toEqual(contract);
});

test('the documentation tells of the same sections and keys, and each key is one of its fields', () => {
  expect(documented.map(({ section, keys }) => [section, keys])).toEqual(contract);
  for (const { section, shape, keys, fields } of documented) {
    expect([section, shape]).toEqual([section, keys.length > 0 ? 'list' : 'object']);
    expect(fields, section).toEqual(expect.arrayContaining(keys));
  }
});

test('fields whose values are no text are documented fields', () => {
  for (const [section, types] of Object.entries(FIELD_TYPES)) {
    const { fields } = documented.find((one) => one.section === section)!;
    expect(fields, section).toEqual(expect.arrayContaining(Object.keys(types)));
  }
  // What is named as a number, a time or a fact is told to be one.
  const told = new Set(Object.entries(FIELD_TYPES).flatMap(([section, types]) => Object.keys(types).map((field) => `${section}.${field}`)));
  const named = documented.flatMap(({ section, fields }) =>
    fields.filter((field) => /_(bytes|mhz|mbps|percent|at|on|gb)$/.test(field)).map((field) => `${section}.${field}`),
  );
  expect(named.filter((field) => !told.has(field))).toEqual([]);
});
