import { isIP } from 'node:net';
import { parseDurationWithin } from '#core/contract/duration.ts';
import { readEnrolmentToken } from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { isId } from '#core/contract/ids.ts';
import { readJoinCode } from '#core/contract/joining.ts';
import { OUTPUT_MAX } from '#core/contract/streams.ts';
import { isProxyUrl } from '#core/http/proxy.ts';
import { isLoopback, parseListen } from './listen.ts';

export const PROGRAMS = ['backend', 'agent', 'start', 'broker'] as const;
export type Program = (typeof PROGRAMS)[number];

/** One setting: its key in the settings file; the flag and the variable follow from it. */
export interface Setting {
  key: string;
  programs: readonly Program[];
  /** A flag that takes no value. */
  switch?: boolean;
  /** The value that says it to a service of Windows; a policy's has the same name (registry.ts). */
  registry?: string;
  /** For development: the settings file of a service does not say it (settings.ts). */
  development?: boolean;
  /** A deed rather than a setting: no variable and no file may say it, for they would at every start. */
  flagOnly?: boolean;
  /** Its value is shown to nobody. */
  secret?: boolean;
  /** Of one PC alone: Group Policy, which speaks to many, offers it to nobody (installer/policy). */
  perPc?: boolean;
  /** What is wrong with a raw value, or undefined. Raw values come from a flag, a variable or JSON. */
  fault: (value: unknown) => string | undefined;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const says = (ok: (text: string) => boolean, must: string) => (value: unknown) =>
  typeof value === 'string' && ok(value) ? undefined : `must be ${must}`;

/** Seconds that may be between two collections of the inventory. */
const INTERVAL_LEAST = 300;
const INTERVAL_MOST = 30 * 86_400;

/** What the limits of an agent may be. Never more output than the contract has room for (`OUTPUT_MAX`). */
export const PARALLEL_RUNS_MOST = 64;
export const OUTPUT_KB_LEAST = 64;
export const OUTPUT_KB_MOST = OUTPUT_MAX / 1024;
export const OUTBOX_MB_LEAST = 64;
export const OUTBOX_MB_MOST = 65_536;
export const GROUPS_MOST = 64;

/** Whole seconds; undefined for `off`. Throws `invalid_duration`. */
export function parseInterval(what: string, text: string): number | undefined {
  return text === 'off' ? undefined : Math.round(parseDurationWithin(what, text, INTERVAL_LEAST, INTERVAL_MOST));
}

/** A whole number: JSON's, or the text of one. */
const whole = (least: number, most: number) => (value: unknown) =>
  (typeof value === 'number' || (typeof value === 'string' && /^\d{1,9}$/.test(value))) && isWithin(Number(value), least, most)
    ? undefined
    : `must be a whole number from ${least} to ${most}`;

const isSwitch = (value: unknown) => (asBoolean(value) === undefined ? 'must be 1 or 0' : undefined);

const isPath = says((text) => text !== '' && !text.includes('\0'), 'a file');
const isListen = says((text) => parseListen(text) !== undefined, 'host:port, such as 127.0.0.1:8480');

export const SETTINGS: readonly Setting[] = [
  {
    key: 'open',
    programs: ['backend', 'agent', 'start'],
    switch: true,
    development: true,
    fault: isSwitch,
  },
  {
    key: 'data_dir',
    programs: ['backend', 'agent', 'start', 'broker'],
    fault: says((text) => text !== '' && !text.includes('\0'), 'a folder'),
  },
  { key: 'listen', programs: ['backend', 'start', 'broker'], registry: 'Listen', fault: isListen },
  {
    key: 'nats',
    programs: ['backend', 'agent', 'start'],
    registry: 'NatsUrl',
    fault: says((text) => text.split(',').every(isNatsUrl), 'nats://host:port or tls://host:port, or several of them with commas between'),
  },
  {
    key: 'tls',
    programs: ['backend', 'start', 'broker'],
    registry: 'Tls',
    fault: says((text) => text === 'on' || text === 'auto', 'on or auto'),
  },
  { key: 'tls_cert', programs: ['backend', 'start', 'broker'], registry: 'TlsCert', fault: isPath },
  { key: 'tls_key', programs: ['backend', 'start', 'broker'], registry: 'TlsKey', fault: isPath },
  { key: 'tls_ca', programs: ['backend', 'agent', 'start', 'broker'], registry: 'TlsCa', fault: isPath },
  {
    key: 'public_name',
    programs: ['backend', 'start', 'broker'],
    registry: 'PublicName',
    fault: says((text) => text.split(',').every(isHost), 'a host name or an address, or several of them with commas between'),
  },
  {
    key: 'new_admin_token',
    programs: ['backend', 'start'],
    switch: true,
    flagOnly: true,
    fault: (value) => (value === true ? undefined : 'must be given as a flag'),
  },
  {
    key: 'new_command_key',
    programs: ['backend', 'start'],
    switch: true,
    flagOnly: true,
    fault: (value) => (value === true ? undefined : 'must be given as a flag'),
  },
  {
    key: 'write_broker_config',
    programs: ['backend'],
    flagOnly: true,
    fault: isPath,
  },
  { key: 'write_backup_creds', programs: ['backend'], flagOnly: true, fault: isPath },
  { key: 'write_restore_creds', programs: ['backend'], flagOnly: true, fault: isPath },
  { key: 'export_keys', programs: ['backend'], flagOnly: true, fault: isPath },
  { key: 'import_keys', programs: ['backend'], flagOnly: true, fault: isPath },
  { key: 'passphrase_file', programs: ['backend'], flagOnly: true, fault: isPath },
  {
    key: 'service',
    programs: ['backend', 'agent', 'broker'],
    switch: true,
    flagOnly: true,
    fault: (value) => (value === true ? undefined : 'must be given as a flag'),
  },
  {
    key: 'allow_unsigned',
    programs: ['agent'],
    switch: true,
    development: true,
    fault: isSwitch,
  },
  {
    key: 'join',
    programs: ['backend'],
    flagOnly: true,
    secret: true,
    fault: says((text) => readJoinCode(text) !== undefined, 'a join code: kjc_..., as it was shown when it was made'),
  },
  // Needed by that alone: what PCs, and admins at the prompt, have in their environment under this name is not for a backend.
  { key: 'server', programs: ['backend'], flagOnly: true, fault: says(isServerUrl, 'https://host:port, or http:// on this machine') },
  { key: 'server', programs: ['agent'], registry: 'Server', fault: says(isServerUrl, 'https://host:port, or http:// on this machine') },
  {
    key: 'enrolment_token',
    programs: ['agent'],
    registry: 'EnrolmentToken',
    secret: true,
    fault: says((text) => readEnrolmentToken(text) !== undefined, 'an enrolment token: ket_..., as it was shown when it was made'),
  },
  {
    key: 'proxy',
    programs: ['agent'],
    registry: 'Proxy',
    secret: true,
    fault: says(isProxyUrl, 'http://host:port or http://user:password@host:port'),
  },
  {
    key: 'broker_url',
    programs: ['backend', 'start'],
    registry: 'BrokerUrl',
    fault: says((text) => text.split(',').every(isNatsUrl), 'nats://host:port or tls://host:port, or several of them with commas between'),
  },
  { key: 'release_keys', programs: ['backend', 'start'], fault: isPath },
  {
    key: 'pc_id',
    programs: ['agent', 'start'],
    registry: 'PcId',
    perPc: true,
    fault: says(isId, '1 to 64 letters, digits, "_" or "-"'),
  },
  {
    key: 'groups',
    programs: ['agent'],
    registry: 'Groups',
    fault: says(isGroupList, `up to ${GROUPS_MOST} names with commas between, each of 1 to 64 letters, digits, "_" or "-"`),
  },
  { key: 'parallel_runs', programs: ['agent'], registry: 'ParallelRuns', fault: whole(1, PARALLEL_RUNS_MOST) },
  { key: 'output_limit_kb', programs: ['agent'], registry: 'OutputLimitKb', fault: whole(OUTPUT_KB_LEAST, OUTPUT_KB_MOST) },
  { key: 'outbox_limit_mb', programs: ['agent'], registry: 'OutboxLimitMb', fault: whole(OUTBOX_MB_LEAST, OUTBOX_MB_MOST) },
  { key: 'update_ring', programs: ['agent'], registry: 'UpdateRing', fault: says(isId, '1 to 64 letters, digits, "_" or "-"') },
  { key: 'update_on_metered', programs: ['agent'], registry: 'UpdateOnMetered', fault: isSwitch },
  {
    key: 'inventory_interval',
    programs: ['agent', 'start'],
    registry: 'InventoryInterval',
    fault: says(isInterval, 'a duration of 5m to 30d, such as 4h, or off'),
  },
  { key: 'broker_listen', programs: ['backend', 'start', 'broker'], registry: 'BrokerListen', fault: isListen },
  {
    key: 'log_level',
    programs: ['backend', 'agent', 'start', 'broker'],
    registry: 'LogLevel',
    fault: says((text) => LOG_LEVELS.some((level) => level === text), `one of ${LOG_LEVELS.join(', ')}`),
  },
];

/** What a variable or a key of the settings file may say. */
export const LASTING_SETTINGS = SETTINGS.filter((setting) => !setting.flagOnly);

/** Names the settings file. */
export const SETTINGS_VARIABLE = 'KANADE_SETTINGS';
/** For the tests of this repository alone. */
export const TEST_VARIABLES: readonly string[] = ['KANADE_REQUIRE_PWSH', 'KANADE_REQUIRE_WINE', 'KANADE_TEST_NATS_SERVER'];

export const flagOf = (key: string): string => key.replaceAll('_', '-');
export const variableOf = (key: string): string => `KANADE_${key.toUpperCase()}`;

export function asBoolean(value: unknown): boolean | undefined {
  if (value === true || value === '1' || value === 'true') return true;
  if (value === false || value === '0' || value === 'false') return false;
  return undefined;
}

function isInterval(text: string): boolean {
  try {
    parseInterval('', text);
    return true;
  } catch (error) {
    if (error instanceof KanadeError) return false;
    throw error;
  }
}

function isWithin(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

/** `Sales,Tokyo`; spaces around a name do not count. */
export function parseGroups(text: string): string[] {
  return [...new Set(text.split(',').map((name) => name.trim()))];
}

function isGroupList(text: string): boolean {
  const names = parseGroups(text);
  return names.length <= GROUPS_MOST && names.every(isId);
}

/** What a certificate can be for: `kanade.example.com`, `10.0.0.5`, `fd00::5`. */
function isHost(text: string): boolean {
  return (
    isIP(text) !== 0 ||
    (text.length <= 253 &&
      /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$/.test(text))
  );
}

/** No user, no path: a setting that would be ignored is refused. */
function isNatsUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return (
    ['nats:', 'tls:'].includes(url.protocol) &&
    url.hostname !== '' &&
    url.username === '' &&
    (url.pathname === '' || url.pathname === '/') &&
    !url.search
  );
}

/** What a PC says there is a secret: beyond this machine it is not said in the clear. */
function isServerUrl(text: string): boolean {
  const url = plainUrl(text);
  return url !== undefined && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)));
}

/** No path, no query. */
function plainUrl(text: string): URL | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.hostname !== '' && (url.pathname === '' || url.pathname === '/') && !url.search ? url : undefined;
}
