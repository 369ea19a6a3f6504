import { fieldOf, type InventoryRow, type InventoryValue } from '#core/contract/inventory.ts';

/**
 * A row as it is stored: the same software is on most PCs, so its row is kept once, as a body, and each PC links to it.
 * What differs from PC to PC although the row is the same lies with the link.
 */
export interface StoredRow {
  /** JSON of the row with null for what is the PC's own, so that the fields keep their order. */
  body: string;
  /** JSON list of the PC's own values, in the order of `ownFields`; null when there are none. */
  own: string | null;
}

/** What a query on one of these has to look for at each PC, and on any other field once for each body. */
const OWN_FIELDS: Readonly<Record<string, readonly string[]>> = {
  system: ['name', 'uuid', 'serial_number'],
  os: ['installed_at', 'booted_at'],
  bios: ['serial_number', 'board_serial_number'],
  memory: ['serial_number'],
  disks: ['serial_number'],
  volumes: ['size_bytes', 'free_gb', 'free_percent'],
  network: ['mac_address', 'ip_addresses'],
  // The last two of what one user has installed only: they name his profile. Of a machine's they are the same everywhere.
  software: ['install_date', 'user', 'install_location', 'uninstall_command'],
  hotfixes: ['installed_on', 'installed_by'],
  updates: ['installed_at'],
  defender: ['signature_updated_at', 'quick_scan_at', 'full_scan_at'],
  local_admins: ['sid', 'name'],
  sessions: ['id', 'user', 'logon_at'],
};
const OF_A_MACHINE = ['install_date', 'user'];

export function ownFields(section: string): readonly string[] {
  return Object.hasOwn(OWN_FIELDS, section) ? OWN_FIELDS[section]! : [];
}

export function splitRow(section: string, row: InventoryRow): StoredRow {
  const fields = ownFields(section);
  const own = section === 'software' && fieldOf(row, 'user') === null ? OF_A_MACHINE : fields;
  if (own.every((field) => fieldOf(row, field) === null)) return { body: JSON.stringify(row), own: null };
  const body: Record<string, InventoryValue> = { ...row };
  for (const field of own) if (Object.hasOwn(row, field)) body[field] = null;
  const values = fields.map((field) => (own.includes(field) ? fieldOf(row, field) : null));
  return { body: JSON.stringify(body), own: JSON.stringify(values.slice(0, values.findLastIndex((value) => value !== null) + 1)) };
}

/** One field that may be a PC's own, of a body that has been read already. */
export function ownValue(section: string, field: string, body: InventoryRow, own: readonly InventoryValue[]): InventoryValue {
  return own[ownFields(section).indexOf(field)] ?? fieldOf(body, field);
}

export function joinRow(section: string, { body, own }: StoredRow): InventoryRow {
  return withOwn(section, JSON.parse(body) as InventoryRow, own);
}

function withOwn(section: string, body: InventoryRow, own: string | null): InventoryRow {
  if (own === null) return body;
  const row: Record<string, InventoryValue> = { ...body };
  for (const [n, value] of (JSON.parse(own) as InventoryValue[]).entries()) if (value !== null) row[ownFields(section)[n]!] = value;
  return row;
}
