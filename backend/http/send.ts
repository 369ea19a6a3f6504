import type { ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { KanadeError } from '#core/contract/errors.ts';
import { EventStream } from './event-stream.ts';
import { type Problem, problemOf, retryAfter } from './problem.ts';
import type { Answer, Route } from './route.ts';

/**
 * JSON is UTF-8 without saying so, but Windows PowerShell 5.1 takes whatever names no charset for Latin-1, and would show
 * an admin "MÃ¼ller" for "Müller".
 */
const UTF8 = '; charset=utf-8';

/** On every response: what it carries is for the caller alone, and never a page. */
export function setCommonHeaders(res: ServerResponse, requestId: string): void {
  res.setHeader('X-Request-Id', requestId);
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
}

export async function sendAnswer(route: Route, answer: Answer, res: ServerResponse): Promise<void> {
  res.statusCode = answer.status ?? route.status;
  for (const [name, value] of Object.entries(answer.headers ?? {})) res.setHeader(name, value);
  if (answer.content !== undefined) {
    const { type, parts } = answer.content;
    res.setHeader('Content-Type', type);
    res.setHeader(
      'Content-Length',
      parts.reduce((sum, part) => sum + part.length, 0),
    );
    await pipeline(parts, res);
  } else if (answer.file !== undefined) {
    await sendFile(answer.file, res);
  } else if (answer.body !== undefined) {
    sendJson(res, 'application/json', answer.body);
  } else {
    res.end();
  }
}

/** Never more of it in memory than goes over the line at once. */
async function sendFile({ type, size, handle, download }: NonNullable<Answer['file']>, res: ServerResponse): Promise<void> {
  try {
    res.setHeader('Content-Type', type);
    res.setHeader('Content-Length', size);
    const counted = async function* (parts: AsyncIterable<Uint8Array>) {
      for await (const part of parts) {
        download.sent(part.length);
        yield part;
      }
    };
    await pipeline(handle.createReadStream({ autoClose: false }), counted, res, { signal: download.signal });
  } finally {
    download.leave();
    await handle.close();
  }
}

/**
 * Runs a stream of events to its end. A failure after the first byte can no longer be a problem document: it is the last
 * event, of the name `problem`.
 */
export async function sendEvents(
  events: NonNullable<Answer['events']>,
  res: ServerResponse,
  o: { signal: AbortSignal; request: { path: string; id: string }; onFailure(error: unknown): void },
): Promise<void> {
  res.setHeader('Content-Type', `text/event-stream${UTF8}`);
  res.setHeader('X-Accel-Buffering', 'no');
  if (res.req.method === 'HEAD') {
    res.end();
    return;
  }
  const stream = new EventStream(res, o.signal);
  try {
    await events(stream);
  } catch (error) {
    // The client went away or we are closing: nobody is left to be told.
    if (!o.signal.aborted) {
      if (!(error instanceof KanadeError)) o.onFailure(error);
      await stream.send({ event: 'problem', data: problemOf(error, o.request) }).catch(() => {});
    }
  } finally {
    stream.end();
  }
}

export function sendProblem(res: ServerResponse, problem: Problem): void {
  res.statusCode = problem.status;
  const seconds = retryAfter(problem.code);
  if (seconds !== undefined) res.setHeader('Retry-After', seconds);
  if (problem.code === 'unauthenticated') res.setHeader('WWW-Authenticate', 'Bearer realm="kanade"');
  sendJson(res, 'application/problem+json', problem);
}

export function sendJson(res: ServerResponse, type: string, value: unknown): void {
  const bytes = Buffer.from(JSON.stringify(value));
  res.setHeader('Content-Type', `${type}${UTF8}`);
  res.setHeader('Content-Length', bytes.length);
  res.end(bytes);
}
