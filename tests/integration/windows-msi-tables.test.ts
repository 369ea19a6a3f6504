import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HAS_MSITOOLS } from '#tests/support/windows-msi.ts';
import { AGENT_PACKAGE } from '../../installer/msi/agent-package.ts';
import { buildMsi, type Msi } from '../../installer/msi/build.ts';
import { msiTool, readTables } from '../../installer/msi/msi-tools.ts';
import type { Table } from '../../installer/msi/table.ts';

// Stand-ins: what a package says does not depend on what is in its files.
const names = ['agent.mjs', 'module/Kanade.psd1', 'node.exe', 'release.json'];
const CONTENT = {
  version: '1.2.3',
  files: names.map((name) => ({ name, bytes: new TextEncoder().encode(name) })),
  host: new TextEncoder().encode('host'),
  at: new Date('2026-01-02T03:04:06Z'),
};

let dir: string;
let msi: string;
let tables: Map<string, Table>;

async function made(more: Partial<Msi> = {}): Promise<string> {
  return buildMsi(AGENT_PACKAGE, { ...CONTENT, folder: await mkdtemp(join(dir, 'msi-')), ...more });
}

/** The rows of a table, as text, in an order of their own. */
function rows(name: string): string[] {
  return tables
    .get(name)!
    .rows.map((row) => row.join('|'))
    .sort();
}

beforeAll(async () => {
  if (!HAS_MSITOOLS) return;
  dir = await mkdtemp(join(tmpdir(), 'kanade-msi-'));
  msi = await made();
  tables = await readTables(msi, dir);
});
afterAll(() => dir && rm(dir, { recursive: true, force: true }));

describe.skipIf(!HAS_MSITOOLS)("the agent's package", () => {
  test('the same content gives the same bytes, whenever and wherever', async () => {
    const before = await readFile(msi);
    expect((await readFile(await made())).equals(before)).toBe(true);
    const host = new TextEncoder().encode('another host');
    const other = await readTables(await made({ host }), dir);
    const code = (of: Map<string, Table>) => of.get('Property')!.rows.find(([name]) => name === 'ProductCode')![1];
    expect(code(other)).not.toBe(code(tables));
    expect(await msiTool('msiinfo', ['suminfo', msi], dir)).toMatch(
      /Created: Fri Jan {1,2}2 03:04:06 2026\nLast saved: Fri Jan {1,2}2 03:04:06 2026/,
    );
  });

  test('what wixl only warns of fails it', async () => {
    const wxs = await readFile(join(import.meta.dirname, '../../installer/msi/agent.wxs'), 'utf8');
    await writeFile(join(dir, 'warns.wxs'), wxs.replace('<Package ', '<Package Platform="x64" '));
    const defines = ['-D', 'VERSION=1.2.3', '-D', 'PRODUCT_CODE={11111111-2222-4333-8444-555555555555}'];
    await expect(msiTool('wixl', ['-a', 'x64', ...defines, '-o', 'warns.msi', 'warns.wxs'], dir)).rejects.toThrow('Platform');
  });

  test('it has these tables and no others', () => {
    const empty = ['Signature', 'Error', 'CreateFolder', 'RemoveFile', 'Binary', 'Icon', 'Shortcut'];
    expect([...tables.keys()].sort()).toEqual(
      [
        ...empty,
        ...['AdminExecuteSequence', 'AdminUISequence', 'AdvtExecuteSequence', 'AppSearch', 'Component', 'CustomAction'],
        ...['Directory', 'Feature', 'FeatureComponents', 'File', 'InstallExecuteSequence', 'InstallUISequence', 'LaunchCondition', 'Media'],
        ...['MsiFileHash', 'MsiLockPermissionsEx', 'MsiServiceConfig', 'Property', 'RegLocator', 'Registry', 'ServiceControl'],
        ...['ServiceInstall', 'Upgrade', '_SummaryInformation'],
      ].sort(),
    );
    for (const name of empty) expect(rows(name), name).toEqual([]);
  });

  test('properties: for all users, no restart, the token in no log', () => {
    const found = rows('Property').filter((row) => !row.startsWith('ProductCode|'));
    expect(found).toEqual([
      'ALLUSERS|1',
      'ARPNOMODIFY|1',
      'MSIRESTARTMANAGERCONTROL|Disable',
      'Manufacturer|Kanade',
      'MsiHiddenProperties|ENROL_TOKEN',
      'ProductLanguage|1033',
      'ProductName|Kanade Agent',
      'ProductVersion|1.2.3',
      'REBOOT|ReallySuppress',
      'SecureCustomProperties|WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED;NATS_URL;SERVER_URL;ENROL_TOKEN;GROUPS;REMOVE_DATA',
      'UpgradeCode|{D28D0B4C-5E11-4B0B-9C55-6C4E8B0F2A71}',
    ]);
  });

  test('an older version and this one are replaced within the transaction, a newer one stays; Windows has to be new enough', () => {
    const code = '{D28D0B4C-5E11-4B0B-9C55-6C4E8B0F2A71}';
    expect(rows('Upgrade')).toEqual([`${code}|1.2.3|||2||WIX_DOWNGRADE_DETECTED`, `${code}||1.2.3||513||WIX_UPGRADE_DETECTED`]);
    expect(rows('LaunchCondition')).toEqual([
      'Installed OR (VersionNT64 >= 603 AND WINDOWS_BUILD >= 17763)|Kanade Agent needs Windows 10 1809, Windows Server 2019, or newer.',
      'Installed OR VersionNT64|Kanade Agent needs 64-bit Windows.',
      'NOT WIX_DOWNGRADE_DETECTED|A newer version of Kanade Agent is installed.',
    ]);
  });

  test('what is done, when, and on what condition', () => {
    const order = tables
      .get('InstallExecuteSequence')!
      .rows.sort((a, b) => Number(a[2]) - Number(b[2]))
      .map((row) => row.join('|'));
    expect(order).toEqual([
      'FindRelatedProducts||25',
      'AppSearch||50',
      'KEEP_NATS_URL|Installed OR (NOT NATS_URL AND SAVED_NATS_URL)|51',
      'KEEP_SERVER_URL|Installed OR (NOT SERVER_URL AND SAVED_SERVER_URL)|52',
      'KEEP_GROUPS|Installed OR (NOT GROUPS AND SAVED_GROUPS)|53',
      'FORGET_ENROL_TOKEN|Installed|54',
      'LaunchConditions||100',
      'ValidateProductID||700',
      'CostInitialize||800',
      'FileCost||900',
      'CostFinalize||1000',
      'MigrateFeatureStates||1200',
      'InstallValidate||1400',
      'InstallInitialize||1500',
      'RemoveExistingProducts||1501',
      'ProcessComponents||1600',
      'UnpublishFeatures||1800',
      'StopServices|VersionNT|1900',
      'DeleteServices|VersionNT|2000',
      'RemoveRegistryValues||2600',
      'RemoveFiles||3500',
      'REMOVE_PROGRAMS|REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE|3510',
      'REMOVE_DATA_FOLDER|REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE AND REMOVE_DATA="1"|3520',
      'InstallFiles||4000',
      'WriteRegistryValues||5000',
      'InstallServices|VersionNT|5800',
      'MsiConfigureServices|VersionNT|5850',
      'StartServices|VersionNT|5900',
      'RegisterUser||6000',
      'RegisterProduct||6100',
      'PublishFeatures||6300',
      'PublishProduct||6400',
      'InstallFinalize||6600',
    ]);
    const cmd = '"[System64Folder]cmd.exe" /d /c rmdir /s /q';
    expect(rows('CustomAction')).toEqual([
      'FORGET_ENROL_TOKEN|51|ENROL_TOKEN|[Nothing]|',
      'KEEP_GROUPS|51|GROUPS|[SAVED_GROUPS]|',
      'KEEP_NATS_URL|51|NATS_URL|[SAVED_NATS_URL]|',
      'KEEP_SERVER_URL|51|SERVER_URL|[SAVED_SERVER_URL]|',
      `REMOVE_DATA_FOLDER|3170|System64Folder|${cmd} "[DataFolder]agent" "[DataFolder]host" & rmdir "[DataFolder]"|`,
      `REMOVE_PROGRAMS|3170|System64Folder|${cmd} "[AgentFolder]"|`,
    ]);
  });

  test('what an earlier installation was given is looked up, the token is not', () => {
    expect(rows('RegLocator')).toEqual([
      'SearchBuild|2|SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion|CurrentBuildNumber|18',
      'SearchGroups|2|SOFTWARE\\Kanade\\Agent|Groups|18',
      'SearchNatsUrl|2|SOFTWARE\\Kanade\\Agent|NatsUrl|18',
      'SearchServerUrl|2|SOFTWARE\\Kanade\\Agent|Server|18',
    ]);
    expect(rows('AppSearch')).toEqual([
      'SAVED_GROUPS|SearchGroups',
      'SAVED_NATS_URL|SearchNatsUrl',
      'SAVED_SERVER_URL|SearchServerUrl',
      'WINDOWS_BUILD|SearchBuild',
    ]);
  });

  test('the service: own process of SYSTEM, begins a little after Windows, with kanade-host.exe', () => {
    expect(rows('ServiceInstall')).toEqual([
      'KanadeAgent|KanadeAgent|Kanade Agent|16|2|32769|||LocalSystem||service|Service|Runs scripts on this PC for its admins and reports what it is made of.',
    ]);
    // Started by an installation, stopped by both, removed by an uninstallation, each waited for.
    expect(rows('ServiceControl')).toEqual(['KanadeAgent|KanadeAgent|163||1|Service']);
    expect(rows('MsiServiceConfig')).toEqual(['DelayedStart|KanadeAgent|5|3|1|Service', 'ServiceSid|KanadeAgent|5|5|1|Service']);
  });

  test('who may what: the settings are for SYSTEM and Administrators; the data folder is left to the service', () => {
    expect(rows('MsiLockPermissionsEx')).toEqual(['SettingsKey|SettingsVersion|Registry|O:SYG:SYD:P(A;CI;KA;;;SY)(A;CI;KA;;;BA)|']);
  });

  test('registry: what the agent is told, how its service is run, who writes its events', () => {
    const values = tables.get('Registry')!.rows.map(([, root, ...rest]) => [root, ...rest].join('|'));
    const service = '2|SYSTEM\\CurrentControlSet\\Services\\KanadeAgent\\Parameters';
    const events = '2|SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\Kanade';
    expect(values.sort()).toEqual([
      '2|SOFTWARE\\Kanade\\Agent|EnrolmentToken|[ENROL_TOKEN]|SettingToken',
      '2|SOFTWARE\\Kanade\\Agent|Groups|[GROUPS]|SettingGroups',
      '2|SOFTWARE\\Kanade\\Agent|NatsUrl|[NATS_URL]|SettingNatsUrl',
      '2|SOFTWARE\\Kanade\\Agent|Server|[SERVER_URL]|SettingServer',
      '2|SOFTWARE\\Kanade\\Agent|Version|1.2.3|Settings',
      `${events}|EventMessageFile|[#Host]|Service`,
      `${events}|TypesSupported|#7|Service`,
      `${service}|Arguments|--service --data-dir "[CommonAppDataFolder]Kanade"|Service`,
      `${service}|Data|[CommonAppDataFolder]Kanade|Service`,
      `${service}|Program|node.exe|Service`,
      `${service}|Script|agent.mjs|Service`,
      `${service}|Settings|Kanade\\Agent|Service`,
      `${service}|Versions|[AgentFolder]versions|Service`,
    ]);
  });

  test('components: 64-bit, GUIDs in capitals and each but once; what is not given is not written', () => {
    const components = tables.get('Component')!.rows;
    for (const [name, guid, , attributes] of components) {
      expect(guid, name).toMatch(/^\{[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\}$/);
      expect(Number(attributes) & 256, name).toBe(256);
    }
    expect(new Set(components.map(([, guid]) => guid)).size).toBe(components.length);
    const conditions = components.filter((row) => row[4] !== '').map((row) => `${row[0]}|${row[4]}`);
    expect(conditions.sort()).toEqual([
      'SettingGroups|GROUPS',
      'SettingNatsUrl|NATS_URL',
      'SettingServer|SERVER_URL',
      'SettingToken|ENROL_TOKEN',
    ]);
    expect(
      tables
        .get('FeatureComponents')!
        .rows.map(([, component]) => component)
        .sort(),
    ).toEqual(components.map(([name]) => name).sort());
    expect(rows('Feature')).toEqual(['Agent||Kanade Agent||2|1||0']);
  });

  test('files: one version in one folder; the host is never replaced by an older one', () => {
    const files = tables.get('File')!.rows.map(([, , name, size, version, language]) => [name, size, version, language].join('|'));
    expect(files.sort()).toEqual([
      'Kanade.psd1|18||',
      'agent.mjs|9||',
      'kanade-host.exe|4|1.2.3.0|1033',
      'node.exe|8||',
      'release.json|12||',
    ]);
    // The others are known by their hashes.
    expect(tables.get('MsiFileHash')!.rows).toHaveLength(4);
    expect(rows('Media')).toEqual(['1|5||#agent.cab||']);
    const folders = rows('Directory').filter((row) => !/^d[0-9a-f]{32}\|/.test(row));
    expect(folders).toEqual([
      'AgentFolder|KanadeFolder|Agent',
      'CommonAppDataFolder|TARGETDIR|.',
      'DataFolder|CommonAppDataFolder|Kanade',
      'KanadeFolder|ProgramFiles64Folder|Kanade',
      'ProgramFiles64Folder|TARGETDIR|.',
      'System64Folder|TARGETDIR|.',
      'TARGETDIR||SourceDir',
      'VersionFolder|VersionsFolder|1.2.3',
      'VersionsFolder|AgentFolder|versions',
    ]);
  });
});
