import { foldGroup } from '#core/contract/ids.ts';

/** What an audit entry is about, as `<kind>/<id>`: PCs and groups folded, so that all that was done to one is found together. */
export function auditTarget(text: string): string {
  const [kind, id] = text.split('/');
  if (kind === 'groups' && id !== undefined) return `groups/${foldGroup(id)}`;
  return kind === 'agents' && id !== undefined ? `agents/${id.toUpperCase()}` : text;
}
