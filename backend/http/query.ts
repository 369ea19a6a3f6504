import { type Fault, KanadeError } from '#core/contract/errors.ts';

/**
 * The query as an object; a parameter given twice is refused rather than one of the two ignored. Parameters that `isFree` knows
 * by their name are no such: each is handed on as it was written, and may be there more than once.
 */
export function parseQuery(
  search: string,
  isFree: (name: string) => boolean = () => false,
): { query: Record<string, string>; free: string[] } {
  const query: Record<string, string> = Object.create(null);
  const free: string[] = [];
  const faults: Fault[] = [];
  for (const part of search.replace(/^\?/, '').split('&')) {
    for (const [name, value] of new URLSearchParams(part)) {
      if (isFree(name)) free.push(part.includes('=') ? `${name}=${value}` : name);
      else if (name in query) faults.push({ pointer: `/${name}`, message: 'is given twice' });
      else query[name] = value;
    }
  }
  if (faults.length > 0) throw new KanadeError('invalid_query', faults.map((f) => `${f.pointer} ${f.message}`).join('; '), { faults });
  return { query, free };
}
