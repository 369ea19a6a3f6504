import { cell, setCell, type Table } from './table.ts';

export interface Repair {
  version: string;
  /** What tells one file from another of the same name and version. */
  packageCode: string;
  at: Date;
}

type Tables = ReadonlyMap<string, Table>;

/** SYSTEM's: for it and Administrators, and nobody else; nothing is inherited from above, all of it by what is below. */
const OURS_ALONE = 'O:SYG:SYD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)';
const KEY_OURS_ALONE = 'O:SYG:SYD:P(A;CI;KA;;;SY)(A;CI;KA;;;BA)';

/** A program with its command line: deferred, as SYSTEM; what it answers is ignored. */
const RUN_LATER = String(34 + 64 + 1024 + 2048);
const SET_PROPERTY = '51';
const [ERROR_NORMAL, VITAL] = [1, 0x8000];

const REALLY_REMOVED = 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE';

/** When each action is that wixl puts elsewhere or does not know, and on what condition. */
const ACTIONS: readonly (readonly [action: string, condition: string, sequence: number])[] = [
  ['KEEP_NATS_URL', 'NOT NATS_URL AND SAVED_NATS_URL', 51],
  ['KEEP_SERVER_URL', 'NOT SERVER_URL AND SAVED_SERVER_URL', 52],
  ['KEEP_GROUPS', 'NOT GROUPS AND SAVED_GROUPS', 53],
  // Within the transaction: an upgrade that fails leaves the version that was there.
  ['RemoveExistingProducts', '', 1501],
  ['REMOVE_PROGRAMS', REALLY_REMOVED, 3510],
  ['REMOVE_DATA_FOLDER', `${REALLY_REMOVED} AND REMOVE_DATA="1"`, 3520],
  ['MsiConfigureServices', 'VersionNT', 5850],
];

/** The settings that are written only when there is something to write. */
const CONDITIONS = { SettingServer: 'SERVER_URL', SettingNatsUrl: 'NATS_URL', SettingToken: 'ENROL_TOKEN', SettingGroups: 'GROUPS' };

/** Changes the tables that wixl makes to what it cannot say, and adds those that it does not know. */
export function repair(tables: Tables, { version, packageCode, at }: Repair): Table[] {
  const table = (name: string) => {
    const found = tables.get(name);
    if (found === undefined) throw new Error(`the package has no table ${name}`);
    return found;
  };
  repairUpgrade(table('Upgrade'), version);
  repairSequence(table('InstallExecuteSequence'));
  repairProperties(table('Property'));
  repairSummary(table('_SummaryInformation'), packageCode, at);
  const actions = table('CustomAction');
  for (const row of actions.rows) row[1] = SET_PROPERTY;
  const cmd = '"[System64Folder]cmd.exe" /d /c rmdir /s /q';
  actions.rows.push(['REMOVE_PROGRAMS', RUN_LATER, 'System64Folder', `${cmd} "[AgentFolder]"`, '']);
  actions.rows.push(['REMOVE_DATA_FOLDER', RUN_LATER, 'System64Folder', `${cmd} "[DataFolder]agent" "[DataFolder]host"`, '']);
  for (const [component, condition] of Object.entries(CONDITIONS))
    setCell(table('Component'), ['Component', component], 'Condition', condition);
  for (const row of table('Registry').rows) row[2] = row[2]!.replace(/\\$/, '');
  // Where the service cannot be installed, nothing is.
  setCell(table('ServiceInstall'), ['ServiceInstall', 'KanadeAgent'], 'ErrorControl', String(ERROR_NORMAL | VITAL));
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
  return [...changed.map(table), SERVICE_CONFIG, LOCKS, table('_SummaryInformation')];
}

/** The same version built anew takes the place of what is there, too. */
function repairUpgrade(table: Table, version: string): void {
  const [migrateFeatures, maxInclusive] = [0x1, 0x200];
  setCell(table, ['VersionMax', version], 'Attributes', String(migrateFeatures | maxInclusive));
}

function repairSequence(table: Table): void {
  const ours = new Set(ACTIONS.map(([action]) => action));
  table.rows = table.rows.filter((row) => !ours.has(row[0]!));
  for (const [action, condition, sequence] of ACTIONS) table.rows.push([action, condition, String(sequence)]);
  const numbers = table.rows.map((row) => row[2]);
  if (new Set(numbers).size !== numbers.length) throw new Error('two actions have one place in the sequence');
}

function repairProperties(table: Table): void {
  const given = ['NATS_URL', 'SERVER_URL', 'ENROL_TOKEN', 'GROUPS', 'REMOVE_DATA'];
  const secure = table.rows.find(([name]) => name === 'SecureCustomProperties');
  setCell(table, ['Property', 'SecureCustomProperties'], 'Value', [secure?.[1], ...given].join(';'));
  // A log of the installation must not hold it.
  table.rows.push(['MsiHiddenProperties', 'ENROL_TOKEN']);
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

const SERVICE_CONFIG: Table = {
  name: 'MsiServiceConfig',
  columns: ['MsiServiceConfig', 'Name', 'Event', 'ConfigType', 'Argument', 'Component_'],
  types: ['s72', 's255', 'i2', 'i4', 'S255', 's72'],
  keys: ['MsiServiceConfig'],
  rows: [
    // 3: it starts a little after the rest of Windows. 5: rights can be given to it by its name.
    ['DelayedStart', 'KanadeAgent', String(INSTALL | REINSTALL), '3', '1', 'Service'],
    ['ServiceSid', 'KanadeAgent', String(INSTALL | REINSTALL), '5', '1', 'Service'],
  ],
};

const LOCKS: Table = {
  name: 'MsiLockPermissionsEx',
  columns: ['MsiLockPermissionsEx', 'LockObject', 'Table', 'SDDLText', 'Condition'],
  types: ['s72', 's72', 's32', 's0', 'S255'],
  keys: ['MsiLockPermissionsEx'],
  rows: [
    ['DataFolder', 'DataFolder', 'CreateFolder', OURS_ALONE, ''],
    // It holds the enrolment token until that is used.
    ['SettingsKey', 'SettingsVersion', 'Registry', KEY_OURS_ALONE, ''],
  ],
};
