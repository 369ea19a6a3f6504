import { any, array, boolean, type Infer, nullable, object, string } from 'superstruct';
import { Id } from '#core/contract/ids.ts';
import { keptSource } from '../schema/yaml.ts';
import { differencesOf } from './differences.ts';
import { etag } from './etag.ts';
import { decodeUtf8 } from './read-body.ts';
import type { Call } from './route.ts';
import { YAML } from './yaml.ts';

/** What a PUT of a document would do. Where something is not there, `before` or `after` is null. */
export const DocumentCheck = object({
  id: Id,
  exists: boolean(),
  /** What to say in If-Match; null: say If-None-Match: *. */
  etag: nullable(string()),
  /** False when all is the same, in YAML to the letter but for blank lines at its end, which come and go with every editor. */
  changed: boolean(),
  differences: array(object({ pointer: string(), before: any(), after: any() })),
});
export type DocumentCheck = Infer<typeof DocumentCheck>;

/** The answer to a check of a document without faults. `kept` is what is stored under its id, undefined when nothing is. */
export function checkDocument(
  call: Pick<Call, 'raw' | 'contentType'>,
  o: { id: string; after: object; kept: { document: object; source: string | null; revision: number } | undefined },
): DocumentCheck {
  const { kept } = o;
  const differences = differencesOf(kept?.document, o.after);
  const text = keptSource(call.contentType === YAML ? decodeUtf8(call.raw) : null);
  return {
    id: o.id,
    exists: kept !== undefined,
    etag: kept === undefined ? null : etag(kept.revision),
    changed: differences.length > 0 || (text !== null && text.trimEnd() !== kept?.source?.trimEnd()),
    differences,
  };
}
