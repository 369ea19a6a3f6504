/** What an audit entry is about, as `<kind>/<id>`: PCs folded, so that all that was done to one is found together. */
export function auditTarget(text: string): string {
  const [kind, id] = text.split('/');
  return kind === 'agents' && id !== undefined ? `agents/${id.toUpperCase()}` : text;
}
