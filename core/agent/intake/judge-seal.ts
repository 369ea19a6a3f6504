import { KanadeError } from '#core/contract/errors.ts';
import { SEAL_HEADERS } from '#core/contract/seal.ts';
import { ISSUED_AHEAD, isSealFault } from '#core/contract/sealed.ts';
import { instant } from '#core/contract/time.ts';
import type { Trust } from '../trust.ts';
import type { Judgement } from './judge-command.ts';

/** What a command's seal is worth. `late`: it is genuine, and the command has expired not so long ago that we could have forgotten it. */
export type SealVerdict = 'signed' | 'late' | 'unsigned' | 'open';

/** Milliseconds that the ledger remembers a finished command, and a day less. */
const REMEMBERED_FOR = 7 * 86_400_000;

interface Sealed {
  subject: string;
  bytes: Uint8Array;
  header(name: string): string | undefined;
}

/** The verdict, or why the command is refused. `now`: milliseconds since 1970. */
export function sealOf({ subject, bytes, header }: Sealed, trust: Trust | undefined, now: number): SealVerdict | KanadeError {
  if (trust === undefined) return 'open';
  try {
    return trust.checkCommand({ subject, data: bytes, header });
  } catch (error) {
    if (!isSealFault(error)) throw error;
    // What waited for a PC that was off ends as expired, like ever. Older than that it is said again by somebody.
    const until = Date.parse(header(SEAL_HEADERS.expires) ?? '');
    return error.code === 'signature_expired' && now < until + REMEMBERED_FOR ? 'late' : error;
  }
}

/** What is wrong with the times of a command that somebody has signed; undefined when nothing is. */
export function timeFault(verdict: SealVerdict, judgement: Judgement, now: number): KanadeError | undefined {
  if (verdict === 'open' || judgement.kind === 'refuse') return undefined;
  const { issuedAt } = judgement.taken;
  if (issuedAt > now + ISSUED_AHEAD)
    return new KanadeError('signature_too_long', `it was issued at ${instant(issuedAt)}, which is yet to come`);
  if (verdict === 'late' && judgement.kind === 'take') return new KanadeError('signature_expired', 'its signature counts no longer');
  return undefined;
}
