import { type Document, Lexer, parseDocument, stringify } from 'yaml';
import { KanadeError } from '#core/contract/errors.ts';

/** Bytes. Longer YAML is not kept as it was written; it is written anew from the document. */
const SOURCE_MAX = 64 * 1024;

/** Words, signs and line ends; a block of text is one. To read one takes some 10 µs, during which nobody else is answered. */
const TOKENS_MAX = 100_000;

/** What is kept of the text a document was written in. */
export function keptSource(source: string | null): string | null {
  return source !== null && Buffer.byteLength(source) <= SOURCE_MAX ? source : null;
}

/** YAML 1.2 with its comments; `bad_request` with line and column when it is none, or names a key twice. */
export function readYaml(text: string): Document {
  let tokens = 0;
  for (const _ of new Lexer().lex(text)) {
    if (++tokens > TOKENS_MAX) throw new KanadeError('bad_request', `the body is YAML of more than ${TOKENS_MAX} parts`);
  }
  const document = parseDocument(text, { version: '1.2', schema: 'core', uniqueKeys: true, prettyErrors: true, logLevel: 'error' });
  const [error] = document.errors;
  if (error !== undefined) throw new KanadeError('bad_request', `the body is not YAML: ${error.message}`, { cause: error });
  return document;
}

/** YAML 1.2 as plain data. */
export function parseYaml(text: string): unknown {
  const document = readYaml(text);
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
