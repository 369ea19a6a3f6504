import { type ErrorCode, errorStatus, errorTitle, type Fault, KanadeError } from '#core/contract/errors.ts';
import { isJetStreamError, STREAM_NOT_FOUND } from '#core/nats/connection.ts';

/** RFC 9457, with the stable code, the request's id and every fault in what was sent. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: ErrorCode;
  request_id: string;
  errors?: (Fault & { code: ErrorCode })[];
}

/** Seconds after which asking again may help. */
const RETRY_AFTER: Partial<Record<ErrorCode, number>> = {
  broker_unavailable: 5,
  not_ready: 2,
  result_pending: 5,
  output_pending: 5,
  exec_full: 60,
  downloads_busy: 30,
};

/**
 * What is told of an error. Whatever is not ours, or is ours but never meant to travel, is `internal`: its words could
 * hold paths or secrets, so they go to the log and the request's id is what connects the two.
 */
export function problemOf(thrown: unknown, request: { path: string; id: string }): Problem {
  const error = isJetStreamError(thrown, STREAM_NOT_FOUND) ? streamGone(thrown) : thrown;
  const known = error instanceof KanadeError && errorStatus(error.code) !== undefined && error.code !== 'internal';
  const code: ErrorCode = known ? error.code : 'internal';
  return {
    type: `urn:kanade:error:${code}`,
    title: errorTitle(code),
    status: errorStatus(code)!,
    detail: known ? error.message : 'The server log has more under this request id.',
    instance: request.path,
    code,
    request_id: request.id,
    ...(known && error.faults.length > 0 ? { errors: error.faults.map((fault) => ({ ...fault, code: fault.code ?? code })) } : {}),
  };
}

/** Deleted by somebody; the holder of the lease makes it again within a minute. */
function streamGone(cause: Error): KanadeError {
  return new KanadeError('broker_unavailable', 'a stream is missing and is being made again', { cause });
}

export function retryAfter(code: ErrorCode): number | undefined {
  return RETRY_AFTER[code];
}
