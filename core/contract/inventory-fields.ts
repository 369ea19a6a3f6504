import type { Section } from './inventory.ts';

/** What the values of a field are, where they are not text or lists of text. A time is text that says a time or a day. */
export type FieldType = 'number' | 'boolean' | 'time';

/** Of the sections that agents collect. What scripts write may be anything. */
export const FIELD_TYPES: Readonly<Partial<Record<Section, Readonly<Record<string, FieldType>>>>> = {
  system: { part_of_domain: 'boolean', memory_bytes: 'number' },
  os: { build: 'number', revision: 'number', installed_at: 'time', booted_at: 'time' },
  bios: { released_on: 'time', secure_boot: 'boolean' },
  cpu: { cores: 'number', logical_processors: 'number', max_mhz: 'number' },
  memory: { capacity_bytes: 'number', speed_mhz: 'number' },
  disks: { size_bytes: 'number' },
  volumes: { size_bytes: 'number', free_gb: 'number', free_percent: 'number' },
  network: { dhcp: 'boolean', speed_mbps: 'number' },
  software: { install_date: 'time' },
  hotfixes: { installed_on: 'time' },
  updates: { installed_at: 'time', downloaded: 'boolean' },
  services: { delayed: 'boolean' },
  defender: {
    antivirus_enabled: 'boolean',
    real_time_protection: 'boolean',
    tamper_protected: 'boolean',
    signature_updated_at: 'time',
    quick_scan_at: 'time',
    full_scan_at: 'time',
  },
  firewall: { enabled: 'boolean' },
  bitlocker: { percent: 'number' },
  tpm: { present: 'boolean', enabled: 'boolean', activated: 'boolean', owned: 'boolean' },
  sessions: { logon_at: 'time' },
  pending_reboot: { required: 'boolean' },
};

/** Undefined of text, and of what is not known. */
export function fieldType(section: string, field: string): FieldType | undefined {
  const fields = Object.hasOwn(FIELD_TYPES, section) ? FIELD_TYPES[section as Section]! : {};
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}
