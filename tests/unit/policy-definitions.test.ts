import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runCommand } from '#core/process/run-command.ts';
import { REGISTRY_KEYS } from '#core/settings/registry.ts';
import { LASTING_SETTINGS } from '#core/settings/table.ts';
import { unzipped } from '#tests/support/intunewin.ts';
import { elementsOf } from '#tests/support/xml.ts';
import { storedZip } from '../../installer/pack/zip.ts';
import { policyDefinitions } from '../../installer/policy/definitions.ts';
import { POLICIES } from '../../installer/policy/policies.ts';

const files = policyDefinitions();
const text = (name: string) =>
  new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(files.find((file) => file.name === name)!.bytes);
const admx = elementsOf(text('Kanade.admx'));
const LANGUAGES = ['en-US', 'ja-JP'];
const named = (elements: typeof admx, tag: string, attribute: string) =>
  elements.filter((element) => element.tag === tag).map(({ attributes }) => attributes[attribute]!);
const twice = (names: readonly string[]) => names.filter((name, i) => names.indexOf(name) !== i);
const usedOf = (kind: 'string' | 'presentation') =>
  [...text('Kanade.admx').matchAll(/\$\((\w+)\.([^)]+)\)/g)].filter(([, what]) => what === kind).map(([, , id]) => id!);

test('the module has them as they are made', () => {
  for (const { name, bytes } of files)
    expect(
      readFileSync(new URL(`../../ps-module/PolicyDefinitions/${name}`, import.meta.url)).equals(Buffer.from(bytes)),
      `node installer/policy/write.ts makes ${name}`,
    ).toBe(true);
});

test('every setting of an agent that the registry can say is a policy, but what is of one PC alone; and nothing else is', () => {
  const wanted = LASTING_SETTINGS.filter(({ programs, registry, perPc }) => programs.includes('agent') && registry !== undefined && !perPc);
  expect(POLICIES.map(({ key }) => key).sort()).toEqual(wanted.map(({ key }) => key).sort());
  const values = admx.filter(({ attributes }) => attributes.valueName !== undefined).map(({ attributes }) => attributes.valueName!);
  expect(values.sort()).toEqual(wanted.map(({ registry }) => registry!).sort());
  expect(new Set(named(admx, 'policy', 'key'))).toEqual(new Set([REGISTRY_KEYS.agent.policy]));
});

test('what a policy offers the agent takes, and no more', () => {
  for (const { key, asked } of POLICIES) {
    const fault = LASTING_SETTINGS.find((setting) => setting.key === key && setting.programs.includes('agent'))!.fault;
    const accepts = (value: string) => fault(value) === undefined;
    if (asked.kind === 'switch') expect([accepts('0'), accepts('1')], key).toEqual([true, true]);
    if (asked.kind === 'choice') expect(asked.values.filter(accepts), key).toEqual(asked.values);
    if (asked.kind === 'number')
      expect(
        [asked.least - 1, asked.least, asked.preset, asked.most, asked.most + 1].map((n) => accepts(String(n))),
        key,
      ).toEqual([false, true, true, true, false]);
  }
});

test('names are unique, and what refers to something finds it', () => {
  for (const tag of ['policy', 'category', 'definition']) expect(twice(named(admx, tag, 'name')), tag).toEqual([]);
  expect(twice(usedOf('presentation'))).toEqual([]);
  const categories = named(admx, 'category', 'name');
  for (const ref of named(admx, 'parentCategory', 'ref')) expect(categories).toContain(ref);
  for (const ref of named(admx, 'supportedOn', 'ref').filter((one) => one !== undefined))
    expect(named(admx, 'definition', 'name')).toContain(ref);
});

describe.each(LANGUAGES)('%s', (language) => {
  const adml = elementsOf(text(`${language}/Kanade.adml`));

  test('has every text and every presentation that is used, each once, and no other', () => {
    for (const kind of ['string', 'presentation'] as const) {
      const ids = named(adml, kind, 'id').filter((id) => id !== undefined);
      expect(twice(ids), kind).toEqual([]);
      expect(ids.sort(), kind).toEqual([...new Set(usedOf(kind))].sort());
    }
  });

  test('each presentation asks for the elements of its policy', () => {
    const elements = ['text', 'decimal', 'enum'].flatMap((tag) => named(admx, tag, 'id')).filter((id) => id !== undefined);
    const asked = adml.filter(({ attributes }) => attributes.refId !== undefined).map(({ attributes }) => attributes.refId!);
    expect(asked.sort()).toEqual(elements.sort());
  });

  test('no text is empty or too long, and each explanation is in that language', () => {
    for (const { tag, attributes, content } of adml.filter((element) => element.tag === 'string')) {
      expect(content.trim(), `${tag} ${attributes.id}`).not.toBe('');
      expect(content.length).toBeLessThan(4096);
      if (attributes.id!.endsWith('_Explain')) expect(/[ぁ-ん]/.test(content), attributes.id).toBe(language === 'ja-JP');
    }
  });
});

test('they are packed as they lie in a PolicyDefinitions folder, the same bytes each time', () => {
  const zip = storedZip(files);
  expect(Buffer.from(storedZip([...files].reverse())).equals(Buffer.from(zip))).toBe(true);
  const unpacked = unzipped(Buffer.from(zip));
  expect([...unpacked.keys()]).toEqual(files.map(({ name }) => name).sort());
  for (const { name, bytes } of files) expect(unpacked.get(name)!.equals(Buffer.from(bytes)), name).toBe(true);
});

test('each file is UTF-8 that says so, without a byte order mark, and the one that all read is ASCII', () => {
  for (const { name } of files) {
    expect(text(name).startsWith('<?xml version="1.0" encoding="utf-8"?>\n'), name).toBe(true);
    expect(text(name)).not.toContain('\r');
  }
  expect(/^[\x20-\x7e\n]*$/.test(text('Kanade.admx'))).toBe(true);
});

test('a parser of .NET, as the editor has one, reads them', async () => {
  const folder = new URL('../../ps-module/PolicyDefinitions/', import.meta.url).pathname;
  const script = `Get-ChildItem -LiteralPath '${folder}' -Recurse -File | ForEach-Object { $x = New-Object System.Xml.XmlDocument; $x.Load($_.FullName); $x.DocumentElement.LocalName }`;
  const run = await runCommand('pwsh', ['-NoProfile', '-NonInteractive', '-Command', script]).catch(() => undefined);
  if (run === undefined && process.env.KANADE_REQUIRE_PWSH !== '1') return;
  expect(run!.stdout.trim().split(/\r?\n/).sort()).toEqual(['policyDefinitionResources', 'policyDefinitionResources', 'policyDefinitions']);
});
