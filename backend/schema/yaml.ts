import { parseDocument, stringify } from 'yaml';
import { KanadeError } from '#core/contract/errors.ts';

/** YAML 1.2 as plain data; `bad_request` with line and column when it is none, or names a key twice. */
export function parseYaml(text: string): unknown {
  const document = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: true, prettyErrors: true });
  const [error] = document.errors;
  if (error !== undefined) throw new KanadeError('bad_request', `the body is not YAML: ${error.message}`, { cause: error });
  try {
    // The limit stops a few lines of nested aliases from becoming gigabytes.
    return document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new KanadeError('bad_request', `the body is not YAML: ${(cause as Error).message}`, { cause });
  }
}

/** For a document that was not sent as YAML. A script of several lines becomes a block, which YAML reads back byte for byte. */
export function toYaml(document: object): string {
  return stringify(document, { version: '1.2', schema: 'core', lineWidth: 0 });
}
