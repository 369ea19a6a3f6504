import type { StoredEnrolmentToken } from '#core/contract/enrolment.ts';
import type { ErrorCode } from '#core/contract/errors.ts';

/** Keys that are remembered to have used a token: more than are ever at work at the same time. */
const RECENT_MAX = 256;
/** 80 bits of a key tell it from any other. */
const MARK = 17;

export type TokenFault = Extract<ErrorCode, 'enrolment_token_revoked' | 'enrolment_token_expired' | 'enrolment_token_used_up'>;

/** Why nobody can enrol with it now; undefined: it is good. Pure. */
export function faultOf({ expires_at, revoked_at, uses_left }: StoredEnrolmentToken, now: number): TokenFault | undefined {
  if (revoked_at !== undefined) return 'enrolment_token_revoked';
  if (now >= Date.parse(expires_at)) return 'enrolment_token_expired';
  return uses_left === 0 ? 'enrolment_token_used_up' : undefined;
}

/** The token after this key has used it under this name; the same when it had before; why not when it may not. Pure. */
export function use(token: StoredEnrolmentToken, { key, pc }: { key: string; pc: string }, now: number): StoredEnrolmentToken | TokenFault {
  const { recent = [], uses_left, used } = token;
  // Under another name it is another PC.
  const mark = `${key.slice(0, MARK)}.${pc}`;
  const fault = faultOf(token, now);
  if (recent.includes(mark) && (fault === undefined || fault === 'enrolment_token_used_up')) return token;
  return (
    fault ?? {
      ...token,
      ...(uses_left === undefined ? {} : { uses_left: uses_left - 1 }),
      used: used + 1,
      recent: [...recent, mark].slice(-RECENT_MAX),
    }
  );
}
