import type { PackageKind } from './package-kind.ts';
import { cell, setCell, type Table } from './table.ts';

export interface Repair {
  kind: PackageKind;
  version: string;
  /** What tells one file from another of the same name and version. */
  packageCode: string;
  at: Date;
}

type Tables = ReadonlyMap<string, Table>;

/** A program with its command line: deferred, as SYSTEM; what it answers is ignored. */
const RUN_LATER = String(34 + 64 + 1024 + 2048);
const SET_PROPERTY = '51';
const [ERROR_NORMAL, VITAL] = [1, 0x8000];

const REALLY_REMOVED = 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE';

/** When each action is that wixl puts elsewhere or does not know, and on what condition. */
function actionsOf(kind: PackageKind): (readonly [action: string, condition: string, sequence: number])[] {
  // Any user may ask for a repair, and it is elevated all the same: nothing counts that is said with it.
  const settings = [
    ...kind.kept.map((name) => [`KEEP_${name}`, `Installed OR (NOT ${name} AND SAVED_${name})`] as const),
    ...kind.defaults.map((name) => [`DEFAULT_${name}`, `NOT ${name} AND NOT SAVED_${name}`] as const),
    ...notKept(kind).map((name) => [`FORGET_${name}`, 'Installed'] as const),
  ];
  const found = 51;
  return [
    ...settings.map(([action, condition], i) => [action, condition, found + i] as const),
    // Within the transaction: an upgrade that fails leaves the version that was there.
    ['RemoveExistingProducts', '', 1501],
    ['REMOVE_PROGRAMS', REALLY_REMOVED, 3510],
    ['REMOVE_DATA_FOLDER', `${REALLY_REMOVED} AND REMOVE_DATA="1"`, 3520],
    ['MsiConfigureServices', 'VersionNT', 5850],
  ];
}

const notKept = ({ properties, kept }: PackageKind) => properties.filter((name) => !kept.includes(name));

/** Changes the tables that wixl makes to what it cannot say, and adds those that it does not know. */
export function repair(tables: Tables, { kind, version, packageCode, at }: Repair): Table[] {
  const table = (name: string) => {
    const found = tables.get(name);
    if (found === undefined) throw new Error(`the package has no table ${name}`);
    return found;
  };
  repairUpgrade(table('Upgrade'), version);
  repairSequence(table('InstallExecuteSequence'), kind);
  repairProperties(table('Property'), kind);
  repairSummary(table('_SummaryInformation'), packageCode, at);
  const actions = table('CustomAction');
  for (const row of actions.rows) row[1] = SET_PROPERTY;
  // A name that no command line can set, and never set: empty.
  for (const name of notKept(kind)) actions.rows.push([`FORGET_${name}`, SET_PROPERTY, name, '[Nothing]', '']);
  const cmd = '"[System64Folder]cmd.exe" /d /c rmdir /s /q';
  actions.rows.push(['REMOVE_PROGRAMS', RUN_LATER, 'System64Folder', `${cmd} "${kind.programs}"`, '']);
  const data = kind.data.map((folder) => ` "${folder}"`).join('');
  // Another package of ours may have its own in there: then it stays.
  actions.rows.push(['REMOVE_DATA_FOLDER', RUN_LATER, 'System64Folder', `${cmd}${data} & rmdir "[DataFolder]"`, '']);
  for (const [component, condition] of Object.entries(kind.conditions))
    setCell(table('Component'), ['Component', component], 'Condition', condition);
  for (const row of table('Registry').rows) row[2] = row[2]!.replace(/\\$/, '');
  // Where a service cannot be installed, nothing is.
  for (const { name } of kind.services)
    setCell(table('ServiceInstall'), ['ServiceInstall', name], 'ErrorControl', String(ERROR_NORMAL | VITAL));
  // A file with a version is never replaced by an older one.
  setCell(table('File'), ['File', 'Host'], 'Version', `${version}.0`);
  setCell(table('File'), ['File', 'Host'], 'Language', '1033');
  const hashes = table('MsiFileHash');
  hashes.rows = hashes.rows.filter((row) => cell(hashes, row, 'File_') !== 'Host');
  const changed = [
    'Upgrade',
    'InstallExecuteSequence',
    'Property',
    'CustomAction',
    'Component',
    'Registry',
    'ServiceInstall',
    'File',
    'MsiFileHash',
  ];
  return [...changed.map(table), serviceConfig(kind), ...(kind.locks.length > 0 ? [locks(kind)] : []), table('_SummaryInformation')];
}

/** The same version built anew takes the place of what is there, too. */
function repairUpgrade(table: Table, version: string): void {
  const [migrateFeatures, maxInclusive] = [0x1, 0x200];
  setCell(table, ['VersionMax', version], 'Attributes', String(migrateFeatures | maxInclusive));
}

function repairSequence(table: Table, kind: PackageKind): void {
  const actions = actionsOf(kind);
  const ours = new Set(actions.map(([action]) => action));
  table.rows = table.rows.filter((row) => !ours.has(row[0]!));
  for (const [action, condition, sequence] of actions) table.rows.push([action, condition, String(sequence)]);
  const numbers = table.rows.map((row) => row[2]);
  if (new Set(numbers).size !== numbers.length) throw new Error('two actions have one place in the sequence');
}

function repairProperties(table: Table, { properties, secret }: PackageKind): void {
  const secure = table.rows.find(([name]) => name === 'SecureCustomProperties');
  setCell(table, ['Property', 'SecureCustomProperties'], 'Value', [secure?.[1], ...properties, 'REMOVE_DATA'].join(';'));
  // A log of the installation must not hold them.
  if (secret.length > 0) table.rows.push(['MsiHiddenProperties', secret.join(';')]);
}

/** What wixl takes from chance and the clock. */
function repairSummary(table: Table, packageCode: string, at: Date): void {
  const time = at.toISOString().replace('T', ' ').slice(0, 19).replaceAll('-', '/');
  for (const [id, value] of [
    ['9', packageCode],
    ['12', time],
    ['13', time],
  ] as const)
    setCell(table, ['PropertyId', id], 'Value', value);
}

const [INSTALL, REINSTALL] = [1, 4];

function serviceConfig({ services }: PackageKind): Table {
  const when = String(INSTALL | REINSTALL);
  // 3: it starts a little after the rest of Windows. 5: rights can be given to it by its name.
  const of = (id: string, name: string, what: '3' | '5') => [services.length > 1 ? `${id}${name}` : id, name, when, what, '1', 'Service'];
  return {
    name: 'MsiServiceConfig',
    columns: ['MsiServiceConfig', 'Name', 'Event', 'ConfigType', 'Argument', 'Component_'],
    types: ['s72', 's255', 'i2', 'i4', 'S255', 's72'],
    keys: ['MsiServiceConfig'],
    rows: services.flatMap(({ name, delayed }) => [...(delayed ? [of('DelayedStart', name, '3')] : []), of('ServiceSid', name, '5')]),
  };
}

function locks({ locks }: PackageKind): Table {
  return {
    name: 'MsiLockPermissionsEx',
    columns: ['MsiLockPermissionsEx', 'LockObject', 'Table', 'SDDLText', 'Condition'],
    types: ['s72', 's72', 's32', 's0', 'S255'],
    keys: ['MsiLockPermissionsEx'],
    rows: locks.map((lock) => [...lock, '']),
  };
}
