import { any, array, enums, type Infer, nullable, optional, size, string, type } from 'superstruct';
import { Id } from './ids.ts';
import { Instant } from './time.ts';

/** What an agent says of its own settings, without any PowerShell. */
export const SETTINGS_SECTION = 'agent_settings';

/**
 * The sections that the agent collects by `Get-KanadeInventory`, in the order in which it asks for them, and last the one of its settings. Any
 * other name is a custom section: what a job's script wrote as JSON.
 */
export const SECTIONS = [
  'system',
  'os',
  'bios',
  'cpu',
  'memory',
  'disks',
  'volumes',
  'network',
  'software',
  'hotfixes',
  'updates',
  'services',
  'defender',
  'firewall',
  'bitlocker',
  'tpm',
  'local_admins',
  'sessions',
  'pending_reboot',
  'execution_policy',
  SETTINGS_SECTION,
] as const;
export type Section = (typeof SECTIONS)[number];

/** Lower case, so that one section has one name: `[a-z0-9_]`, 1 to 64. */
export function isSectionName(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(value);
}

/** What PowerShell itself calls members of every object: none can be added to one under such a name, and so no row could be shown. */
const POWERSHELL_NAMES = new Set(['psobject', 'psbase', 'psadapted', 'psextended', 'pstypenames']);

/** A field of a row is named as a section is, but not as what PowerShell has at every object: it shows `ps_object` as `PsObject`. */
export function isFieldName(name: string): boolean {
  return isSectionName(name) && !POWERSHELL_NAMES.has(name.replaceAll('_', ''));
}

export function isCustomSection(name: string): boolean {
  return !(SECTIONS as readonly string[]).includes(name);
}

type Scalar = string | number | boolean | null;
export type InventoryValue = Scalar | readonly Scalar[];
export type InventoryRow = Readonly<Record<string, InventoryValue>>;
/** What a section holds: one object, or a list of them. */
export type InventoryData = InventoryRow | readonly InventoryRow[];

/** What a row says of a field; null when it says nothing. Scripts name fields as they like, `constructor` too. */
export function fieldOf(row: InventoryRow, field: string): InventoryValue {
  return Object.hasOwn(row, field) ? row[field]! : null;
}

/**
 * Why something could not be read. `not_supported`: this PC has no such thing to ask (a class that is missing); the others
 * are trouble. `too_large`: rows were left out, or values cut; `not_json`: of a custom section.
 */
export const FAULT_CODES = ['access_denied', 'timed_out', 'not_supported', 'failed', 'too_large', 'not_json'] as const;

/** What could not be read, and where: a CIM class, a registry key, a command. */
export const InventoryFault = type({
  source: size(string(), 0, 256),
  code: enums(FAULT_CODES),
  message: size(string(), 0, 1024),
});
export type InventoryFault = Infer<typeof InventoryFault>;

export const SectionHash = size(string(), 1, 128);

/**
 * `inventory.<pc>.<section>`: one section of one PC as it is now. `data` is an object, or a list of objects; names are
 * snake_case, values text, numbers, booleans, null or lists of these; times are RFC 3339 with `Z`. `[]` says that there is
 * nothing, null that nothing could be read; what could be read in part has data and faults.
 */
export const InventorySection = type({
  pc_id: Id,
  section: string(),
  collected_at: Instant,
  /** SHA-256 of data and of the source and code of each fault: the same hash is no change. */
  hash: SectionHash,
  data: any(),
  faults: array(InventoryFault),
  /** Of a custom section: the job and the execution it comes from. */
  job_id: optional(nullable(Id)),
  exec_id: optional(nullable(Id)),
});
export type InventorySection = Infer<typeof InventorySection>;

/** Bytes of an encoded section. The agent leaves out rows, and says so by a `too_large`, rather than send more. */
export const INVENTORY_MAX = 768 * 1024;

/** Rows of one section, and fields of one row; of rows beyond that the same holds. */
export const INVENTORY_ROWS_MAX = 20_000;
export const INVENTORY_FIELDS_MAX = 200;

/** Characters of a text, values of a list, and different names of fields in all rows of a section. The agent cuts what is longer, and says so. */
export const INVENTORY_TEXT_MAX = 4096;
export const INVENTORY_LIST_MAX = 256;
export const INVENTORY_NAMES_MAX = 500;

/** Seconds. An unchanged section is said again this often, so that it never ages out of the stream that a projection is rebuilt from. */
export const INVENTORY_REPEAT = 30 * 86_400;

/** How many messages of one section of one PC the stream keeps: the last state and what changed before. */
export const INVENTORY_VERSIONS = 100;

/** Custom sections of one PC: one that would be more is not taken. */
export const INVENTORY_CUSTOM_MAX = 64;
/** Bytes of all messages of one PC that are kept: beyond that its oldest go, but for the newest of each section. */
export const INVENTORY_PC_MAX = 64 * 1024 * 1024;
/** Bytes that one PC may say within an hour: reading them keeps everybody else waiting. */
export const INVENTORY_HOUR_MAX = 32 * 1024 * 1024;

/**
 * What tells the rows of a list apart, so that a change of a row is not a row less and a row more. Of a custom section: `id`,
 * else `name`, if its rows have one; else the whole row.
 */
export const SECTION_KEYS: Readonly<Partial<Record<Section, readonly string[]>>> = {
  cpu: ['device_id'],
  memory: ['locator'],
  disks: ['device_id'],
  volumes: ['name'],
  network: ['name'],
  software: ['name', 'architecture', 'user'],
  hotfixes: ['id'],
  updates: ['id', 'state'],
  services: ['name'],
  firewall: ['name'],
  bitlocker: ['name'],
  local_admins: ['sid'],
  sessions: ['id'],
  execution_policy: ['scope'],
  [SETTINGS_SECTION]: ['name'],
};

/** The same of any section, which may be called `constructor` too; undefined of one object, and of a custom section. */
export function sectionKeys(section: string): readonly string[] | undefined {
  return Object.hasOwn(SECTION_KEYS, section) ? SECTION_KEYS[section as Section] : undefined;
}
