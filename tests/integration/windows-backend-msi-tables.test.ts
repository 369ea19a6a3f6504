import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HAS_MSITOOLS } from '#tests/support/windows-msi.ts';
import { BACKEND_PACKAGE } from '../../installer/msi/backend-package.ts';
import { buildMsi } from '../../installer/msi/build.ts';
import { readTables } from '../../installer/msi/msi-tools.ts';
import type { Table } from '../../installer/msi/table.ts';

// Stand-ins: what a package says does not depend on what is in its files. What it has in common with the agent's is looked at there.
const names = ['backend.mjs', 'broker.mjs', 'nats-server.exe', 'node.exe'];
const CONTENT = {
  version: '1.2.3',
  files: names.map((name) => ({ name, bytes: new TextEncoder().encode(name) })),
  host: new TextEncoder().encode('host'),
  at: new Date('2026-01-02T03:04:06Z'),
};

let dir: string;
let tables: Map<string, Table>;
let msi: string;

beforeAll(async () => {
  if (!HAS_MSITOOLS) return;
  dir = await mkdtemp(join(tmpdir(), 'kanade-msi-'));
  msi = await made();
  tables = await readTables(msi, dir);
});
afterAll(() => dir && rm(dir, { recursive: true, force: true }));

async function made(): Promise<string> {
  return buildMsi(BACKEND_PACKAGE, { ...CONTENT, folder: await mkdtemp(join(dir, 'msi-')) });
}

/** The rows of a table, as text, in an order of their own. */
function rows(name: string): string[] {
  return tables
    .get(name)!
    .rows.map((row) => row.join('|'))
    .sort();
}

describe.skipIf(!HAS_MSITOOLS)("the backend's package", () => {
  test('the same content gives the same bytes; it is no version of the agent', async () => {
    expect((await readFile(await made())).equals(await readFile(msi))).toBe(true);
    const code = '{6B0F5E7A-93C4-4D18-8E2A-5F7C1D9B3A60}';
    expect(rows('Upgrade')).toEqual([`${code}|1.2.3|||2||WIX_DOWNGRADE_DETECTED`, `${code}||1.2.3||513||WIX_UPGRADE_DETECTED`]);
    expect(rows('Property').filter((row) => !row.startsWith('ProductCode|'))).toEqual([
      'ALLUSERS|1',
      'ARPNOMODIFY|1',
      'MSIRESTARTMANAGERCONTROL|Disable',
      'Manufacturer|Kanade',
      'ProductLanguage|1033',
      'ProductName|Kanade Backend',
      'ProductVersion|1.2.3',
      'REBOOT|ReallySuppress',
      'SecureCustomProperties|WIX_DOWNGRADE_DETECTED;WIX_UPGRADE_DETECTED;LISTEN;BROKER_LISTEN;PUBLIC_NAME;BROKER_URL;TLS_CERT;TLS_KEY;TLS_CA;REMOVE_DATA',
      `UpgradeCode|${code}`,
    ]);
  });

  test('two services of SYSTEM, of which the backend needs the broker, and is stopped before it', () => {
    const about = (name: string) => rows('ServiceInstall').find((row) => row.startsWith(`${name}|`))!;
    expect(about('KanadeBroker')).toMatch(
      /^KanadeBroker\|KanadeBroker\|Kanade Broker\|16\|2\|32769\|\|\|LocalSystem\|\|service\|Service\|/,
    );
    const needs = 'KanadeBroker[~][~]';
    expect(about('KanadeBackend').split('|').slice(1, 11)).toEqual([
      ...['KanadeBackend', 'Kanade Backend', '16', '2', '32769', '', needs, 'LocalSystem', '', 'service'],
    ]);
    expect(tables.get('ServiceControl')!.rows.map((row) => row.join('|'))).toEqual([
      'KanadeBackend|KanadeBackend|163||1|Service',
      'KanadeBroker|KanadeBroker|163||1|Service',
    ]);
    expect(rows('MsiServiceConfig')).toEqual([
      'ServiceSidKanadeBackend|KanadeBackend|5|5|1|Service',
      'ServiceSidKanadeBroker|KanadeBroker|5|5|1|Service',
    ]);
  });

  test('what is said is kept, what is not said listens for others, and removal takes what came since', () => {
    const order = tables
      .get('InstallExecuteSequence')!
      .rows.filter(([action]) => /^(?:KEEP|DEFAULT|FORGET|REMOVE)_/.test(action!))
      .sort((a, b) => Number(a[2]) - Number(b[2]))
      .map((row) => row.join('|'));
    const kept = ['LISTEN', 'BROKER_LISTEN', 'PUBLIC_NAME', 'BROKER_URL', 'TLS_CERT', 'TLS_KEY', 'TLS_CA'];
    expect(order).toEqual([
      ...kept.map((name, i) => `KEEP_${name}|Installed OR (NOT ${name} AND SAVED_${name})|${51 + i}`),
      'DEFAULT_LISTEN|NOT LISTEN AND NOT SAVED_LISTEN|58',
      'DEFAULT_BROKER_LISTEN|NOT BROKER_LISTEN AND NOT SAVED_BROKER_LISTEN|59',
      'REMOVE_PROGRAMS|REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE|3510',
      'REMOVE_DATA_FOLDER|REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE AND REMOVE_DATA="1"|3520',
    ]);
    const cmd = '"[System64Folder]cmd.exe" /d /c rmdir /s /q';
    expect(rows('CustomAction')).toEqual(
      [
        ...kept.map((name) => `KEEP_${name}|51|${name}|[SAVED_${name}]|`),
        'DEFAULT_BROKER_LISTEN|51|BROKER_LISTEN|0.0.0.0:4222|',
        'DEFAULT_LISTEN|51|LISTEN|0.0.0.0:8480|',
        `REMOVE_DATA_FOLDER|3170|System64Folder|${cmd} "[BackendDataFolder]" & rmdir "[DataFolder]"|`,
        `REMOVE_PROGRAMS|3170|System64Folder|${cmd} "[BackendFolder]"|`,
      ].sort(),
    );
    expect(rows('AppSearch')).toHaveLength(kept.length + 1);
  });

  test('the data folder is left to the services', () => {
    expect(rows('CreateFolder')).toEqual([]);
    expect(tables.has('MsiLockPermissionsEx')).toBe(false);
  });

  test('registry: what both services are told, how each is run, and events of their own source', () => {
    const values = tables.get('Registry')!.rows.map(([, root, ...rest]) => [root, ...rest].join('|'));
    const settings = '2|SOFTWARE\\Kanade\\Backend';
    const events = '2|SYSTEM\\CurrentControlSet\\Services\\EventLog\\Application\\KanadeBackend';
    const run = (service: string, script: string) => {
      const key = `2|SYSTEM\\CurrentControlSet\\Services\\${service}\\Parameters`;
      return [
        `${key}|Arguments|--service --data-dir "[CommonAppDataFolder]Kanade\\Backend"|Service`,
        `${key}|Data|[CommonAppDataFolder]Kanade\\Backend|Service`,
        `${key}|Folder|[VersionsFolder]1.2.3|Service`,
        `${key}|Program|node.exe|Service`,
        `${key}|Script|${script}|Service`,
        `${key}|Source|KanadeBackend|Service`,
      ];
    };
    expect(values.sort()).toEqual(
      [
        `${settings}|BrokerListen|[BROKER_LISTEN]|Settings`,
        `${settings}|BrokerUrl|[BROKER_URL]|SettingBrokerUrl`,
        `${settings}|Listen|[LISTEN]|Settings`,
        `${settings}|PublicName|[PUBLIC_NAME]|SettingPublicName`,
        `${settings}|TlsCa|[TLS_CA]|SettingTlsCa`,
        `${settings}|TlsCert|[TLS_CERT]|SettingTlsCert`,
        `${settings}|TlsKey|[TLS_KEY]|SettingTlsKey`,
        `${settings}|Version|1.2.3|Settings`,
        `${events}|EventMessageFile|[#Host]|Service`,
        `${events}|TypesSupported|#7|Service`,
        ...run('KanadeBackend', 'backend.mjs'),
        ...run('KanadeBroker', 'broker.mjs'),
      ].sort(),
    );
    const components = tables.get('Component')!.rows;
    const conditions = components.filter((row) => row[4] !== '').map((row) => `${row[0]}|${row[4]}`);
    expect(conditions.sort()).toEqual(
      ['PublicName|PUBLIC_NAME', 'BrokerUrl|BROKER_URL', 'TlsCert|TLS_CERT', 'TlsKey|TLS_KEY', 'TlsCa|TLS_CA']
        .map((row) => `Setting${row}`)
        .sort(),
    );
    expect(new Set(components.map(([, guid]) => guid)).size).toBe(components.length);
  });
});
