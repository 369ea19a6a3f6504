import { type InventoryRow, isCustomSection } from '#core/contract/inventory.ts';
import { bodiesAfter, pcsWithSection, sectionNames } from '../projectors/read/inventory.ts';
import type { Database } from '../projectors/read/open-reader.ts';
import type { Slice, Slices } from './slices.ts';

/** A section that the fleet has: on how many PCs, and the fields that any of its rows has. */
export interface SectionEntry {
  section: string;
  custom: boolean;
  pcs: number;
  fields: string[];
}

/** So much longer than it took to read is it told again to those who ask: completion asks at every key. */
const GOOD_FOR = 10;
const AT_ONCE = 500;

export class Catalogue {
  readonly #o: { db: Database; slices: Slices; enrolled: () => ReadonlySet<string>; mono: () => number };
  #last: { until: number; entries: Promise<SectionEntry[]> } | undefined;

  constructor(options: { db: Database; slices: Slices; enrolled: () => ReadonlySet<string>; mono: () => number }) {
    this.#o = options;
  }

  read(): Promise<SectionEntry[]> {
    const { slices, mono } = this.#o;
    const begun = mono();
    if (this.#last !== undefined && begun < this.#last.until) return this.#last.entries;
    // Whoever asked first may leave: others wait for the same.
    const last = { until: Number.POSITIVE_INFINITY, entries: this.#readAll(slices.begin(new AbortController().signal)) };
    const done = () => {
      last.until = mono() + GOOD_FOR * (mono() - begun);
    };
    last.entries.then(done, () => {
      last.until = 0;
    });
    this.#last = last;
    return last.entries;
  }

  async #readAll(slice: Slice): Promise<SectionEntry[]> {
    const { db, enrolled } = this.#o;
    const known = enrolled();
    const entries: SectionEntry[] = [];
    for (const section of sectionNames(db)) {
      let pcs = 0;
      for (let after = '', more = true; more; ) {
        const page = pcsWithSection(db, section, after, AT_ONCE);
        for (const { pc } of page) if (known.has(pc)) pcs++;
        more = page.length === AT_ONCE;
        after = page.at(-1)?.pc ?? after;
        if (slice.over) await slice.pause();
      }
      const fields = new Set<string>();
      for (let after = 0, more = true; more; ) {
        const page = bodiesAfter(db, section, after, AT_ONCE);
        for (const { body } of page) for (const field of Object.keys(JSON.parse(body) as InventoryRow)) fields.add(field);
        more = page.length === AT_ONCE;
        after = page.at(-1)?.id ?? after;
        if (slice.over) await slice.pause();
      }
      if (pcs > 0) entries.push({ section, custom: isCustomSection(section), pcs, fields: [...fields].sort() });
    }
    return entries;
  }
}
