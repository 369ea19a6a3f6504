import type { IncomingMessage } from 'node:http';
import { object, type Struct } from 'superstruct';
import { KanadeError } from '#core/contract/errors.ts';
import { isConditionName, readConditions } from './conditions.ts';
import { parseQuery } from './query.ts';
import { BODY_MAX, mediaType, OPEN_BODY_MAX, parseJsonBody, readBody } from './read-body.ts';
import type { Call, Route } from './route.ts';
import { refuseUnspeakable, validate } from './validate.ts';

/** What polka hands on. */
export interface Incoming extends IncomingMessage {
  params: Record<string, string>;
  path: string;
  search: string;
}

const Nothing = object({}) as Struct<unknown, unknown>;

/** Path, query and body of a request, checked against the route's structs. */
export async function readCall(
  route: Route,
  req: Incoming,
): Promise<Pick<Call, 'params' | 'query' | 'conditions' | 'body' | 'raw' | 'contentType' | 'upload' | 'header' | 'headersOnly'>> {
  const params = validate(route.params ?? Nothing, ownParams(route, req.params), 'invalid_id');
  const { query: given, free } = parseQuery(req.search, route.conditions ? isConditionName : undefined);
  const query = validate(route.query ?? Nothing, { ...given }, 'invalid_query');
  const conditions = readConditions(free);
  const header = (name: string) => {
    const value = req.headers[name.toLowerCase()];
    return Array.isArray(value) ? value.join(', ') : value;
  };
  const contentType = mediaType(req.headers['content-type']);
  // The connection is still needed for the answer. Whoever reads on gets what the one before has left.
  const upload = { [Symbol.asyncIterator]: () => req.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array> };
  const headersOnly = req.method === 'HEAD';
  const read = { params, query, conditions, header, headersOnly, contentType, upload };
  if (route.uploads !== undefined && contentType !== route.uploads)
    throw new KanadeError('unsupported_media_type', `send ${route.uploads}, not ${JSON.stringify(contentType)}`);
  if (route.body === undefined) return { ...read, raw: Buffer.alloc(0), body: undefined };

  const raw = await readBody(req, route.scope === undefined ? OPEN_BODY_MAX : BODY_MAX);
  if (raw.length === 0 && route.bodyOptional) return { ...read, raw, body: validate(route.body, {}, 'invalid_body') };
  const parsers: NonNullable<Route['parsers']> = { 'application/json': parseJsonBody, ...route.parsers };
  const parse = parsers[contentType];
  if (parse === undefined) {
    const takes = Object.keys(parsers).join(' or ');
    throw new KanadeError('unsupported_media_type', `send ${takes}, not ${JSON.stringify(contentType)}`);
  }
  const parsed = parse(raw);
  refuseUnspeakable(parsed);
  return { ...read, raw, body: validate(route.body, parsed, 'invalid_body') };
}

/** What the path of this route names: the router also fills in what other routes that fit the address would call its parts. */
function ownParams({ path }: Route, params: Record<string, string>): Record<string, string> {
  const names = [...path.matchAll(/:([a-z]+)/g)].map((match) => match[1]!);
  return Object.fromEntries(names.filter((name) => name in params).map((name) => [name, params[name]!]));
}
