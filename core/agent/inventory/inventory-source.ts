import type { InventoryFault, Section } from '#core/contract/inventory.ts';
import type { SectionData } from '#core/contract/inventory-data.ts';

/** What a section is now; with null data nothing of it could be read. */
export interface Reading {
  data: SectionData;
  faults: InventoryFault[];
}

/** The sections a PC has, or why none can be read: there is nothing here to read them with, or there is and it does not work. */
export type Support = { sections: Section[] } | { missing: string } | { problem: string };

/** Where the sections of this PC come from: PowerShell, or what a simulated PC has in its place. One call at a time. */
export interface InventorySource {
  /** Rejects only when `signal` aborts. */
  sections(signal: AbortSignal): Promise<Support>;
  /** The same; `problem` when there is nobody to ask any more. */
  read(section: Section, signal: AbortSignal): Promise<Reading | { problem: string }>;
  /** Nothing of it runs any more when this resolves; the next call starts it again. */
  close(): Promise<void>;
}
