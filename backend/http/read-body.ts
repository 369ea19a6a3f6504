import type { IncomingMessage } from 'node:http';
import { KanadeError } from '#core/contract/errors.ts';

/** Of a route that is open to everybody: whoever is not known yet has little to say. */
export const OPEN_BODY_MAX = 32_768;

/** Bytes. JSON may spell one byte of a script with six (a control character), and a script may be 1,000,000 bytes long. */
export const BODY_MAX = 7_000_000;

/**
 * Members of lists and objects. Those of 7 MB are a million, of which the check alone takes more than 10 s when each has a name, and
 * during which nobody else is answered; nothing we take has more of them than there are PCs.
 */
export const PARTS_MAX = 50_000;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The whole body, or `body_too_large`. What is sent beyond that is read and thrown away by Node once we have answered. */
export async function readBody(req: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let size = 0;
    const done = (then: () => void) => {
      req.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      then();
    };
    const onData = (part: Buffer) => {
      size += part.length;
      if (size > limit) done(() => reject(tooLarge(limit)));
      else parts.push(part);
    };
    const onEnd = () => done(() => resolve(Buffer.concat(parts)));
    const onError = (cause: Error) => done(() => reject(new KanadeError('bad_request', 'the body broke off', { cause })));
    const onClose = () => done(() => reject(new KanadeError('bad_request', 'the body broke off')));
    req.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
  });
}

/** `application/json; charset=utf-8` -> `application/json`; '' when there is none. */
export function mediaType(header: string | undefined): string {
  return (header ?? '').split(';')[0]!.trim().toLowerCase();
}

export function parseJsonBody(raw: Buffer): unknown {
  refuseManyParts(raw);
  const text = decodeUtf8(raw);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new KanadeError('bad_request', `the body is not JSON: ${(cause as Error).message}`, { cause });
  }
}

const [QUOTE, BACKSLASH, COMMA, LIST, OBJECT] = [...Buffer.from('"\\,[{')] as [number, number, number, number, number];

/** Before anything is made of it: looking through the bytes takes some 10 ms. */
function refuseManyParts(raw: Buffer): void {
  let parts = 0;
  for (let i = 0; i < raw.length; i++) {
    const byte = raw[i];
    if (byte === QUOTE) {
      for (i++; i < raw.length && raw[i] !== QUOTE; i++) if (raw[i] === BACKSLASH) i++;
    } else if ((byte === COMMA || byte === LIST || byte === OBJECT) && ++parts > PARTS_MAX) {
      throw new KanadeError('body_too_large', `a body may have at most ${PARTS_MAX} members in its lists and objects`);
    }
  }
}

export function decodeUtf8(raw: Uint8Array): string {
  try {
    return utf8.decode(raw);
  } catch (cause) {
    throw new KanadeError('bad_request', 'the body is not UTF-8', { cause });
  }
}

function tooLarge(limit: number): KanadeError {
  return new KanadeError('body_too_large', `a body may be at most ${limit} bytes long`);
}
