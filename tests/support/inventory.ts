import { sha256 } from '#core/contract/ids.ts';
import type { InventoryData, InventoryRow, InventorySection } from '#core/contract/inventory.ts';
import { subjects } from '#core/contract/subjects.ts';
import type { Nats } from '#core/nats/connection.ts';
import { streamInfo } from '#core/nats/jetstream.ts';
import type { TestBackend } from './kanade.ts';
import { raw } from './projection.ts';
import { until } from './until.ts';

/** The message a PC sends of a section; its hash is made as an agent would, but for what `more` says. */
export function inventoryOf(
  pc: string,
  section: string,
  data: InventoryData | null,
  more: Partial<InventorySection> = {},
): InventorySection {
  const faults = more.faults ?? [];
  const hash = sha256(JSON.stringify([data, faults.map(({ source, code }) => [source, code])]));
  return { pc_id: pc, section, collected_at: new Date().toISOString(), hash, data, faults, ...more };
}

/** Publishes a section as the PC would; its sequence in INVENTORY. */
export async function inventory(
  nats: Nats,
  pc: string,
  section: string,
  data: InventoryData | null,
  more?: Partial<InventorySection>,
): Promise<number> {
  return raw(nats, subjects.inventory(pc, section), inventoryOf(pc, section, data, more));
}

export const accessDenied = { source: 'Win32_Tpm', code: 'access_denied', message: 'Access denied' } as const;

/** Programs as they are on a fleet: most of them on most PCs, a few versions of each. The same numbers give the same rows. */
export function softwareOf(pc: number, count: number): InventoryRow[] {
  return Array.from({ length: count }, (_, n) => {
    const version = `${100 + ((pc * 7 + n) % 4)}.0.${n}`;
    return {
      name: `Program ${String(n).padStart(3, '0')}`,
      version,
      publisher: `Publisher ${n % 20}`,
      install_date: `2026-${String(1 + ((pc + n) % 12)).padStart(2, '0')}-${String(1 + (pc % 28)).padStart(2, '0')}`,
      architecture: n % 3 === 0 ? 'x86' : 'x64',
      scope: 'machine',
      user: null,
      install_location: `C:\\Program Files\\Publisher ${n % 20}\\Program ${n}`,
      uninstall_command: `MsiExec.exe /X{00000000-0000-0000-0000-${version.replaceAll('.', '').padStart(12, '0')}}`,
    };
  });
}

export function osOf(pc: number): InventoryRow {
  const build = [19045, 22631, 26100][pc % 3]!;
  return {
    name: 'Microsoft Windows 11 Pro',
    version: `10.0.${build}.${4000 + (pc % 10)}`,
    build,
    revision: 4000 + (pc % 10),
    display_version: ['22H2', '23H2', '24H2'][pc % 3]!,
    edition: 'Professional',
    product_type: 'workstation',
    architecture: 'x64',
    locale: 'de-DE',
    installed_at: `2025-01-${String(1 + (pc % 28)).padStart(2, '0')}T10:00:00Z`,
    booted_at: `2026-11-20T${String(pc % 24).padStart(2, '0')}:00:00Z`,
  };
}

/** Until a backend's projection has read all that INVENTORY holds at this moment. */
export async function inventoryRead(nats: Nats, backend: TestBackend): Promise<void> {
  const { state } = await streamInfo(nats, 'INVENTORY');
  await until('the inventory is projected', async () => {
    const { projectors } = (await (await fetch(`${backend.url}/readyz`)).json()) as { projectors: Record<string, { seq: number }> };
    return projectors.INVENTORY!.seq >= state.last_seq;
  });
}

/** Services as Windows has them: the same everywhere, but for which of them run. */
function servicesOf(pc: number, count: number): InventoryRow[] {
  return Array.from({ length: count }, (_, n) => ({
    name: `Service${n}`,
    display_name: `Service number ${n} of this machine`,
    start_mode: ['automatic', 'manual', 'disabled'][n % 3]!,
    delayed: n % 7 === 0,
    state: (pc + n) % 11 === 0 ? 'stopped' : 'running',
    account: 'LocalSystem',
    path: `C:\\Windows\\System32\\svchost.exe -k group${n % 30} -p`,
  }));
}

/** What a PC says when it reports for the first time, but for the small sections. */
export function firstInventory(pc: number): Record<string, InventoryData> {
  return {
    os: osOf(pc),
    system: {
      name: `PC${pc}`,
      domain: 'example.org',
      manufacturer: 'Contoso',
      model: `Model ${pc % 12}`,
      uuid: `uuid-${pc}`,
      serial_number: `S${pc}`,
    },
    software: softwareOf(pc, 200),
    services: servicesOf(pc, 220),
    hotfixes: Array.from({ length: 20 }, (_, n) => ({
      id: `KB50${n}`,
      description: 'Update',
      installed_on: `2026-${(pc % 9) + 1}-11`,
      installed_by: 'SYSTEM',
    })),
    volumes: [{ name: 'C:', label: null, file_system: 'NTFS', size_bytes: 511_000_000_000, free_gb: pc % 400, free_percent: pc % 80 }],
    network: [{ name: 'Ethernet', mac_address: `00:00:${pc}`, ip_addresses: [`10.${pc % 7}.${pc % 250}.${pc % 240}`], dhcp: true }],
  };
}
