import { REGISTRY_KEYS } from '#core/settings/registry.ts';
import { LASTING_SETTINGS } from '#core/settings/table.ts';
import type { PackFile } from '../pack/files.ts';
import { type Asked, CATEGORIES, LANGUAGES, POLICIES, type Policy, type Words } from './policies.ts';

const NAMESPACE = 'Kanade.Policies.Agent';
const SCHEMA = 'http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions';
const SUPPORTED = 'SupportedKanade';
const SUPPORTED_WORDS: Words = ['Windows 10 1809, Windows Server 2019, or newer', 'Windows 10 1809、Windows Server 2019 以降'];
const ABOUT: Words = ['Policies of the Kanade agent', 'Kanade エージェントのポリシー'];

/** What Group Policy and Intune take, as it lies in a folder PolicyDefinitions. */
export function policyDefinitions(): PackFile[] {
  const files = LANGUAGES.map((language, i): readonly [string, string] => [`${language}/Kanade.adml`, adml(i)]);
  return [['Kanade.admx', admx()] as const, ...files].map(([name, text]) => ({ name, bytes: new TextEncoder().encode(text) }));
}

/** The name of the value that says it: the table's. */
export function valueName({ key }: Pick<Policy, 'key'>): string {
  const name = LASTING_SETTINGS.find((setting) => setting.key === key && setting.programs.includes('agent'))?.registry;
  if (name === undefined) throw new Error(`the setting ${key} has no value in the registry`);
  return name;
}

function admx(): string {
  return lines(
    '<?xml version="1.0" encoding="utf-8"?>',
    `<policyDefinitions xmlns="${SCHEMA}" revision="1.0" schemaVersion="1.0">`,
    '  <policyNamespaces>',
    `    <target prefix="kanade" namespace="${NAMESPACE}"/>`,
    '  </policyNamespaces>',
    '  <resources minRequiredRevision="1.0"/>',
    '  <supportedOn>',
    '    <definitions>',
    `      <definition name="${SUPPORTED}" displayName="$(string.${SUPPORTED})"/>`,
    '    </definitions>',
    '  </supportedOn>',
    '  <categories>',
    ...Object.keys(CATEGORIES).flatMap((name) =>
      name === 'Kanade'
        ? [`    <category name="${name}" displayName="$(string.${name})"/>`]
        : [`    <category name="${name}" displayName="$(string.${name})">`, '      <parentCategory ref="Kanade"/>', '    </category>'],
    ),
    '  </categories>',
    '  <policies>',
    ...POLICIES.flatMap(policyOf),
    '  </policies>',
    '</policyDefinitions>',
  );
}

function policyOf(policy: Policy): string[] {
  const name = valueName(policy);
  const { asked, category } = policy;
  const about = [`      <parentCategory ref="${category}"/>`, `      <supportedOn ref="${SUPPORTED}"/>`];
  const key = REGISTRY_KEYS.agent.policy;
  const head = `    <policy name="${name}" class="Machine" displayName="$(string.${name})" explainText="$(string.${name}_Explain)" key="${key}"`;
  if (asked.kind === 'switch') {
    return [
      `${head} valueName="${name}">`,
      ...about,
      '      <enabledValue><decimal value="1"/></enabledValue>',
      '      <disabledValue><decimal value="0"/></disabledValue>',
      '    </policy>',
    ];
  }
  return [
    `${head} presentation="$(presentation.${name})">`,
    ...about,
    '      <elements>',
    ...elementOf(name, asked).map((line) => `        ${line}`),
    '      </elements>',
    '    </policy>',
  ];
}

function elementOf(name: string, asked: Exclude<Asked, { kind: 'switch' }>): string[] {
  if (asked.kind === 'text') return [`<text id="${name}" valueName="${name}" required="true" maxLength="${asked.maxLength}"/>`];
  if (asked.kind === 'number')
    return [`<decimal id="${name}" valueName="${name}" required="true" minValue="${asked.least}" maxValue="${asked.most}"/>`];
  return [
    `<enum id="${name}" valueName="${name}" required="true">`,
    ...asked.values.map((value) => `  <item displayName="$(string.${name}_${value})"><value><string>${value}</string></value></item>`),
    '</enum>',
  ];
}

function adml(language: number): string {
  const string = (id: string, words: Words) => `      <string id="${id}">${escaped(words[language]!)}</string>`;
  return lines(
    '<?xml version="1.0" encoding="utf-8"?>',
    `<policyDefinitionResources xmlns="${SCHEMA}" revision="1.0" schemaVersion="1.0">`,
    `  <displayName>${escaped(ABOUT[language]!)}</displayName>`,
    `  <description>${escaped(ABOUT[language]!)}</description>`,
    '  <resources>',
    '    <stringTable>',
    string(SUPPORTED, SUPPORTED_WORDS),
    ...Object.entries(CATEGORIES).map(([id, words]) => string(id, words)),
    ...POLICIES.flatMap((policy) => {
      const name = valueName(policy);
      const explain = policy.explain.map((words) => words[language]!).join('\n\n');
      const values = policy.asked.kind === 'choice' ? policy.asked.values : [];
      return [
        string(name, policy.title),
        `      <string id="${name}_Explain">${escaped(explain)}</string>`,
        ...values.map((value) => string(`${name}_${value}`, [value, value])),
      ];
    }),
    '    </stringTable>',
    '    <presentationTable>',
    ...POLICIES.flatMap((policy) => presentationOf(policy, language)),
    '    </presentationTable>',
    '  </resources>',
    '</policyDefinitionResources>',
  );
}

function presentationOf(policy: Policy, language: number): string[] {
  const name = valueName(policy);
  const { asked } = policy;
  if (asked.kind === 'switch') return [];
  const label = escaped(asked.label[language]!);
  const box = {
    text: () => `<textBox refId="${name}"><label>${label}</label></textBox>`,
    number: ({ preset }: { preset: number }) => `<decimalTextBox refId="${name}" defaultValue="${preset}">${label}</decimalTextBox>`,
    choice: ({ values, preset }: { values: readonly string[]; preset: string }) =>
      `<dropdownList refId="${name}" noSort="true" defaultItem="${values.indexOf(preset)}">${label}</dropdownList>`,
  };
  const line = asked.kind === 'number' ? box.number(asked) : asked.kind === 'choice' ? box.choice(asked) : box.text();
  return [`      <presentation id="${name}">`, `        ${line}`, '      </presentation>'];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function lines(...all: string[]): string {
  return all.map((line) => `${line}\n`).join('');
}
