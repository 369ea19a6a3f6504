import { type InventoryFault, isFieldName } from '#core/contract/inventory.ts';
import { faultInData, isObject, type SectionData } from '#core/contract/inventory-data.ts';
import type { Reading } from './inventory-source.ts';

/**
 * What a job's script wrote, as a section: one JSON object, or a list of them. Names become snake_case the way those of
 * PowerShell's objects do; what is nested deeper than lists of values is refused, for nobody could ask about it.
 */
export function customSection(section: string, { text, truncated }: { text: string; truncated: boolean }): Reading {
  const refused = (code: InventoryFault['code'], message: string): Reading => ({
    data: null,
    faults: [{ source: section, code, message }],
  });
  if (truncated) return refused('too_large', 'the script wrote more than is kept of its output');
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return refused('not_json', text.trim() === '' ? 'the script wrote nothing to stdout' : 'what the script wrote to stdout is not JSON');
  }
  if (!isObject(value) && !(Array.isArray(value) && value.every(isObject))) {
    return refused('not_json', 'what the script wrote is neither a JSON object nor a list of them');
  }
  const wrongNames = (Array.isArray(value) ? value : [value]).map(wrongWithNames).find((wrong) => wrong !== undefined);
  if (wrongNames !== undefined) return refused('failed', wrongNames);
  const data = Array.isArray(value) ? value.map(folded) : folded(value);
  const wrong = faultInData(section, data);
  return wrong === undefined ? { data: data as SectionData, faults: [] } : refused('failed', `${wrong.pointer || '/'} ${wrong.message}`);
}

function wrongWithNames(row: Record<string, unknown>): string | undefined {
  const taken = new Set<string>();
  for (const name of Object.keys(row)) {
    const field = snakeCase(name);
    const said = JSON.stringify(name.slice(0, 100));
    if (!isFieldName(field)) return `${said} cannot name a field: up to 64 letters, digits and underscores can, a letter first`;
    if (taken.has(field)) return `${said} and another field would both be called ${field}`;
    taken.add(field);
  }
  return undefined;
}

function folded(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [snakeCase(name), value]));
}

/** `InstallDate` is `install_date`; what no field name can hold becomes an underscore. */
export function snakeCase(name: string): string {
  const split = name.replace(/[A-Z]/g, (letter, at) => `${at === 0 ? '' : '_'}${letter.toLowerCase()}`);
  return split.replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '');
}
