import { type Fault, KanadeError } from '#core/contract/errors.ts';

/** The query as an object; a parameter given twice is refused rather than one of the two ignored. */
export function parseQuery(search: string): Record<string, string> {
  const query: Record<string, string> = Object.create(null);
  const faults: Fault[] = [];
  for (const [name, value] of new URLSearchParams(search)) {
    if (name in query) faults.push({ pointer: `/${name}`, message: 'is given twice' });
    query[name] = value;
  }
  if (faults.length > 0) throw new KanadeError('invalid_query', faults.map((f) => `${f.pointer} ${f.message}`).join('; '), { faults });
  return query;
}
