import type { ServerResponse } from 'node:http';
import { type ErrorCode, messageOf } from '#core/contract/errors.ts';
import { isId } from '#core/contract/ids.ts';
import { type Actor, type AuditDraft, writeAudit } from '../audit/write-audit.ts';
import { auditTarget } from './audit-target.ts';
import { authenticate, authorise } from './authorise.ts';
import type { HttpContext } from './context.ts';
import { checkLoopbackHost } from './host-check.ts';
import { type Problem, problemOf } from './problem.ts';
import { type Incoming, readCall } from './read-call.ts';
import type { RequestPatience } from './request-patience.ts';
import type { Answer, Route } from './route.ts';
import { sendAnswer, sendEvents, sendProblem, setCommonHeaders } from './send.ts';

export interface ServeOptions {
  ctx: HttpContext;
  patience: Pick<RequestPatience, 'extend'>;
  /** Answer to loopback names only: without TLS, where no certificate tells a browser that it is not where it wanted to be. */
  loopbackOnly: boolean;
  /** Aborts when the server closes. */
  signal: AbortSignal;
}

const ANYBODY: Actor = { kind: 'system', name: 'anonymous' };

/**
 * One request from end to end: who is it, may they, is it well formed, do it, say so in the audit, answer. A failure
 * anywhere becomes a problem document, and the audit of a change that failed tells its code.
 */
export async function serve(route: Route, req: Incoming, res: ServerResponse, o: ServeOptions): Promise<void> {
  const { ctx } = o;
  const request = { path: req.path, id: requestIdOf(req, ctx) };
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, o.signal]);
  const audit: AuditDraft = { target: targetOf(req.path) };
  let actor: Actor | undefined;
  let outcome: { answer: Answer } | { problem: Problem };
  ctx.metrics.observe(route, res);
  setCommonHeaders(res, request.id);
  try {
    if (o.loopbackOnly) checkLoopbackHost(req.headers.host);
    if (route.scope !== undefined) {
      const token = authenticate(ctx.tokens, req.headers.authorization);
      actor = { kind: 'token', name: token.name };
      authorise(token, route.scope);
      if (route.uploads !== undefined) o.patience.extend(req);
    }
    const call = await readCall(route, req);
    const answer = await route.handler({
      ...call,
      ctx,
      actor: actor ?? ANYBODY,
      requestId: request.id,
      address: req.socket.remoteAddress,
      audit,
      signal,
    });
    outcome = { answer };
  } catch (error) {
    const problem = problemOf(error, request);
    if (problem.code === 'internal') logFailure(ctx, req, request.id, error);
    outcome = { problem };
  }
  if (route.audit !== undefined && actor !== undefined) {
    const result: 'ok' | ErrorCode = 'problem' in outcome ? outcome.problem.code : 'ok';
    const stored = await writeAudit(ctx, {
      actor,
      action: route.audit,
      draft: audit,
      result,
      requestId: request.id,
      sourceIp: req.socket.remoteAddress,
    });
    if (!stored) ctx.metrics.auditLost();
  }
  if ('problem' in outcome) sendProblem(res, outcome.problem);
  else if (outcome.answer.events === undefined) await sendAnswer(route, outcome.answer, res);
  else await sendEvents(outcome.answer.events, res, { signal, request, onFailure: (error) => logFailure(ctx, req, request.id, error) });
}

export function requestIdOf(req: Incoming, ctx: Pick<HttpContext, 'newId'>): string {
  const given = req.headers['x-request-id'];
  return isId(given) ? given : ctx.newId();
}

function logFailure(ctx: HttpContext, req: Incoming, id: string, error: unknown): void {
  const stack = error instanceof Error ? error.stack : undefined;
  ctx.log.error({ request_id: id, method: req.method, path: req.path, error: messageOf(error), stack }, 'a request failed');
}

/** `/api/v1/jobs/x/revoke` is about `jobs/x`. */
function targetOf(path: string): string {
  return auditTarget(path.split('/').slice(3, 5).join('/'));
}
