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
