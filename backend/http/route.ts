import type { FileHandle } from 'node:fs/promises';
import type { Struct } from 'superstruct';
import type { AuditAction } from '#core/contract/audit.ts';
import type { Actor, AuditDraft } from '../audit/write-audit.ts';
import type { Condition } from '../inventory/condition.ts';
import type { Download } from '../releases/downloads.ts';
import type { HttpContext } from './context.ts';
import type { EventStream } from './event-stream.ts';

/** What a token may be used for. */
export type Scope = 'read' | 'operate' | 'admin';

/** One authenticated, authorised, validated request, as a handler sees it. */
export interface Call<P = unknown, Q = unknown, B = unknown> {
  ctx: HttpContext;
  params: P;
  query: Q;
  /** Of a route that takes them; else there are none. */
  conditions: readonly Condition[];
  body: B;
  /** The body's bytes as they came: for those who keep the text. */
  raw: Buffer;
  /** The media type of the body, lower case, without parameters. */
  contentType: string;
  /** The body as it comes, of a route that takes an upload. What is left of it when the handler ends is cut soon after the answer. */
  upload: AsyncIterable<Uint8Array>;
  actor: Actor;
  header(name: string): string | undefined;
  /** Only the headers are asked for: what would go over the line need not be got. */
  headersOnly: boolean;
  requestId: string;
  /** Where the request came from. */
  address: string | undefined;
  audit: AuditDraft;
  /** Aborts when the client is gone or the server closes. */
  signal: AbortSignal;
}

export interface Answer<R = unknown> {
  /** Default: the route's. */
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON. */
  body?: R;
  /** Sent as it is, in place of `body`. */
  content?: { type: string; parts: readonly Uint8Array[] };
  /** A file, sent as it is and closed, however long it is and whatever becomes of it. */
  file?: { type: string; size: number; handle: FileHandle; download: Download };
  /** Server-sent events, in place of all these; the stream ends when the promise settles. */
  events?: (stream: EventStream) => Promise<void>;
}

/** A header the route reads, for the API's description. */
export interface HeaderSpec {
  name: string;
  description: string;
}

export interface RouteSpec<P, Q, B, R> {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Below the server's root, `:name` for a parameter. */
  path: string;
  /** undefined: open to everybody. */
  scope: Scope | undefined;
  summary: string;
  params?: Struct<P, unknown>;
  query?: Struct<Q, unknown>;
  /** Its query may hold conditions on the inventory, too. */
  conditions?: boolean;
  body?: Struct<B, unknown>;
  /** The body may be left out, and is {} then. */
  bodyOptional?: boolean;
  /** Media type of a body that is too long to be held in memory, in place of `body`. Only of routes with a scope. */
  uploads?: string;
  /** What a body may be besides JSON, and who parses it. */
  parsers?: Record<string, (raw: Buffer) => unknown>;
  response?: Struct<R, unknown>;
  /** Media types of the answer; default application/json. */
  produces?: readonly string[];
  status: number;
  headers?: readonly HeaderSpec[];
  /** The action's name in the audit; every route that changes something has one. */
  audit?: AuditAction;
  handler(call: Call<P, Q, B>): Answer<R> | Promise<Answer<R>>;
}

/** A route whose types have been forgotten: what the loop and the API's description work with. */
export type Route = RouteSpec<unknown, unknown, unknown, unknown>;

/** Checks that a handler fits the structs beside it. */
export function route<P = Record<string, never>, Q = Record<string, never>, B = undefined, R = unknown>(
  spec: RouteSpec<P, Q, B, R>,
): Route {
  return spec as unknown as Route;
}
