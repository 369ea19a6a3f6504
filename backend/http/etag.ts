import { KanadeError } from '#core/contract/errors.ts';

const ETAGS = /^(?:\*|(?:W\/)?"[^"]*"(?: *, *(?:W\/)?"[^"]*")*)$/;

/** The ETag of a KV entry: its revision. */
export function etag(revision: number): string {
  return `"${revision}"`;
}

/** Whether the client has it already. */
export function isNotModified(ifNoneMatch: string | undefined, revision: number): boolean {
  return ifNoneMatch !== undefined && tags(ifNoneMatch).some((tag) => tag === '*' || tag === etag(revision));
}

/**
 * The revision a change must find: undefined when the client does not mind. `If-None-Match: *` says that nothing may
 * be there; `If-Match: *` that something must be.
 */
export function expectedRevision(headers: { ifMatch?: string; ifNoneMatch?: string }, current: number | undefined): number | undefined {
  const { ifMatch, ifNoneMatch } = headers;
  if (ifNoneMatch !== undefined) {
    if (tags(ifNoneMatch).every((tag) => tag !== '*')) throw new KanadeError('bad_request', 'If-None-Match may only be * here');
    if (current !== undefined) throw new KanadeError('precondition_failed', 'it is there already');
    return 0;
  }
  if (ifMatch === undefined) return undefined;
  if (!ETAGS.test(ifMatch))
    throw new KanadeError('bad_request', 'the ETag in If-Match is malformed: it is "…" with its quotes, W/"…" or *');
  const matches = current !== undefined && tags(ifMatch).some((tag) => tag === '*' || tag === etag(current));
  if (!matches) throw new KanadeError('precondition_failed', current === undefined ? 'it is not there' : `it is at ${etag(current)} now`);
  return current;
}

function tags(header: string): string[] {
  return header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
}
