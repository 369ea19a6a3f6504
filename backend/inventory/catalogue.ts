import { INVENTORY_NAMES_MAX, type InventoryRow, isCustomSection } from '#core/contract/inventory.ts';
import { pcsWithSection, sectionAfter } from '../projectors/read/inventory.ts';
import type { Database } from '../projectors/read/open-reader.ts';
import { Remembered } from './remembered.ts';
import { bodiesOf } from './search.ts';
import type { Slice, Slices } from './slices.ts';

/** A section that the fleet has: on how many PCs, and the fields that its rows have. */
export interface SectionEntry {
  section: string;
  custom: boolean;
  pcs: number;
  fields: string[];
}

export interface CatalogueParts {
  db: Database;
  slices: Slices;
  enrolled: () => ReadonlySet<string>;
  mono: () => number;
}

/** Custom sections in the list, those of the most PCs: each PC names its own. */
export const LISTED_MAX = 200;
/** Sections that are remembered by themselves: any name may be asked for. */
const REMEMBERED_MAX = 1000;
const AT_ONCE = 500;

/** What can be searched, as JSON that is made once for all who ask until something changes. */
export class Catalogue {
  readonly #p: CatalogueParts;
  readonly #names: Remembered<Map<string, number>>;
  readonly #all: Remembered<Uint8Array>;
  readonly #sections = new Map<string, Remembered<SectionEntry | undefined>>();

  constructor(parts: CatalogueParts) {
    this.#p = parts;
    this.#names = new Remembered(() => this.#count(), parts.mono);
    this.#all = new Remembered(() => this.#list(), parts.mono);
  }

  /** These sections have something new; undefined for all of them. */
  touch(sections?: Iterable<string>): void {
    this.#names.touch();
    this.#all.touch();
    for (const section of sections ?? this.#sections.keys()) this.#sections.get(section)?.touch();
  }

  /** A page of all sections, as JSON. */
  all(): Promise<Uint8Array> {
    return this.#all.read();
  }

  /** The same of the one that is meant by a name, however it is written: `LocalAdmins` is local_admins. */
  async one(name: string): Promise<Uint8Array> {
    const meant = folded(name);
    const pcs = await this.#names.read();
    const section = pcs.has(name.toLowerCase()) ? name.toLowerCase() : [...pcs.keys()].find((known) => folded(known) === meant);
    return page(section === undefined ? [] : [await this.#section(section).read()]);
  }

  async #list(): Promise<Uint8Array> {
    const pcs = await this.#names.fresh();
    const ours = [...pcs.keys()].filter((section) => !isCustomSection(section));
    const custom = [...pcs.keys()].filter(isCustomSection).sort((a, b) => pcs.get(b)! - pcs.get(a)! || (a < b ? -1 : 1));
    const entries: (SectionEntry | undefined)[] = [];
    for (const section of [...ours, ...custom.slice(0, LISTED_MAX)].sort()) entries.push(await this.#section(section).fresh());
    return page(entries);
  }

  #section(section: string): Remembered<SectionEntry | undefined> {
    let known = this.#sections.get(section);
    if (known === undefined) {
      known = new Remembered(() => this.#look(section), this.#p.mono);
      if (this.#sections.size === REMEMBERED_MAX) this.#sections.delete(this.#sections.keys().next().value!);
      this.#sections.set(section, known);
    }
    return known;
  }

  /** Whoever asked first may leave: others wait for the same. */
  #begin(): Slice {
    return this.#p.slices.begin(new AbortController().signal);
  }

  /** On how many PCs that are not retired each section is. */
  async #count(): Promise<Map<string, number>> {
    const slice = this.#begin();
    const counts = new Map<string, number>();
    for (let section = sectionAfter(this.#p.db, ''); section !== undefined; section = sectionAfter(this.#p.db, section)) {
      const pcs = await this.#pcsWith(section, slice);
      if (pcs > 0) counts.set(section, pcs);
    }
    return counts;
  }

  async #pcsWith(section: string, slice: Slice): Promise<number> {
    const known = this.#p.enrolled();
    let pcs = 0;
    for (let after = '', more = true; more; ) {
      const some = pcsWithSection(this.#p.db, section, after, AT_ONCE);
      for (const { pc } of some) if (known.has(pc)) pcs++;
      more = some.length === AT_ONCE;
      after = some.at(-1)?.pc ?? after;
      if (slice.over) await slice.pause();
    }
    return pcs;
  }

  /** The fields that most rows have, as many as one PC may have. */
  async #look(section: string): Promise<SectionEntry | undefined> {
    const slice = this.#begin();
    const pcs = await this.#pcsWith(section, slice);
    if (pcs === 0) return undefined;
    const rows = new Map<string, number>();
    for (const some of bodiesOf(this.#p.db, section)) {
      for (const { body } of some) {
        for (const field of Object.keys(JSON.parse(body) as InventoryRow)) rows.set(field, (rows.get(field) ?? 0) + 1);
        if (slice.over) await slice.pause();
      }
    }
    const fields = [...rows.keys()].sort((a, b) => rows.get(b)! - rows.get(a)! || (a < b ? -1 : 1));
    return { section, custom: isCustomSection(section), pcs, fields: fields.slice(0, INVENTORY_NAMES_MAX).sort() };
  }
}

function page(entries: readonly (SectionEntry | undefined)[]): Uint8Array {
  return Buffer.from(JSON.stringify({ items: entries.filter((entry) => entry !== undefined), next: null }));
}

function folded(name: string): string {
  return name.toLowerCase().replaceAll('_', '');
}
