import type { StoredEnrolmentToken } from '#core/contract/enrolment.ts';

/** Keys that are remembered to have used a token: more than are ever at work at the same time. */
const RECENT_MAX = 256;
/** 80 bits of a key tell it from any other. */
const MARK = 17;

export function isUsable({ expires_at, revoked_at, uses_left }: StoredEnrolmentToken, now: number): boolean {
  return isOpen({ expires_at, revoked_at }, now) && uses_left !== 0;
}

/** The token after this key has used it under this name; the same when it had before; undefined when it may not. Pure. */
export function use(token: StoredEnrolmentToken, { key, pc }: { key: string; pc: string }, now: number): StoredEnrolmentToken | undefined {
  const { recent = [], uses_left, used } = token;
  // Under another name it is another PC.
  const mark = `${key.slice(0, MARK)}.${pc}`;
  if (recent.includes(mark)) return isOpen(token, now) ? token : undefined;
  if (!isUsable(token, now)) return undefined;
  return {
    ...token,
    ...(uses_left === undefined ? {} : { uses_left: uses_left - 1 }),
    used: used + 1,
    recent: [...recent, mark].slice(-RECENT_MAX),
  };
}

function isOpen({ expires_at, revoked_at }: Pick<StoredEnrolmentToken, 'expires_at' | 'revoked_at'>, now: number): boolean {
  return revoked_at === undefined && now < Date.parse(expires_at);
}
