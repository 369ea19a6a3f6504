import { parseDocument } from 'yaml';

/** The operator's own text with `enabled` set, comments and order kept. */
export function withEnabled(source: string, enabled: boolean): string {
  const document = parseDocument(source, { version: '1.2', schema: 'core' });
  document.set('enabled', enabled);
  return document.toString({ lineWidth: 0 });
}
