import { toYaml } from '../schema/yaml.ts';
import { etag, isNotModified } from './etag.ts';
import type { Answer, Call } from './route.ts';

export const YAML = 'application/yaml';

/** JSON unless YAML is asked for and JSON is not asked for before it. */
export function wantsYaml(accept: string | undefined): boolean {
  const types = (accept ?? '').split(',').map((type) => type.split(';')[0]!.trim().toLowerCase());
  const first = types.find((type) => type === YAML || type === 'application/json');
  return first === YAML;
}

/** A document as JSON or as the YAML it was written in, whichever is asked for; 304 for whoever has it already. */
export function answerDocument<T extends object>(
  { header }: Pick<Call, 'header'>,
  o: { document: T; source: string | null; revision: number; updated_at: string; headers?: Record<string, string> },
): Answer<T> {
  const { document, source, revision } = o;
  const headers = { ETag: etag(revision), Vary: 'Accept', 'Last-Modified': new Date(o.updated_at).toUTCString(), ...o.headers };
  if (isNotModified(header('if-none-match'), revision)) return { status: 304, headers };
  if (!wantsYaml(header('accept'))) return { headers, body: document };
  return { headers, content: { type: `${YAML}; charset=utf-8`, parts: [Buffer.from(source ?? toYaml(document))] } };
}
