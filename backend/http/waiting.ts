import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { KanadeError } from '#core/contract/errors.ts';
import { diskFill } from './fill.ts';
import { problemOf } from './problem.ts';
import { sendJson, sendProblem, setCommonHeaders } from './send.ts';

export interface WaitingFor {
  /** The backend's data folder. */
  dataDir: string;
  /** Without identities. */
  open: boolean;
  /** What the backend waits for, in words for an admin. */
  reason: () => string;
}

/**
 * Answers while the backend is still being put together, which without a broker takes as long as that is away: whoever
 * supervises it is to see a process that lives and says what it waits for, not a closed port.
 */
export async function answerWaiting(req: IncomingMessage, res: ServerResponse, { dataDir, open, reason }: WaitingFor): Promise<void> {
  const path = new URL(req.url ?? '/', 'http://localhost').pathname;
  const id = randomUUID();
  setCommonHeaders(res, id);
  if (path === '/healthz') sendJson(res, 'application/json', { ok: true, open });
  else if (path === '/readyz') {
    const disk = await diskFill(dataDir);
    res.statusCode = 503;
    sendJson(res, 'application/json', {
      ready: false,
      reasons: [reason()],
      warnings: [],
      certificates: [],
      projectors: {},
      streams: [],
      disk,
    });
  } else sendProblem(res, problemOf(new KanadeError('not_ready', `this backend is starting: ${reason()}`), { path, id }));
}
