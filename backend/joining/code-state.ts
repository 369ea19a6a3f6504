import type { StoredJoinCode } from '#core/contract/joining.ts';

export const CODE_STATES = ['usable', 'used', 'expired', 'revoked'] as const;
export type CodeState = (typeof CODE_STATES)[number];

export function codeState({ used_at, revoked_at, expires_at }: StoredJoinCode, now: number): CodeState {
  if (used_at !== undefined) return 'used';
  if (revoked_at !== undefined) return 'revoked';
  return now < Date.parse(expires_at) ? 'usable' : 'expired';
}

export type Use = { kind: 'again' } | { kind: 'refused'; state: Exclude<CodeState, 'usable'> } | { kind: 'now'; code: StoredJoinCode };

/**
 * What becomes of a code that this one shows, `digest` being what it is. Whoever has used it already gets its answer again, for the
 * first may have been lost, unless somebody has revoked the code since. Pure.
 */
export function useCode(code: StoredJoinCode, who: { backendId: string; digest: string }, at: string): Use {
  const state = codeState(code, Date.parse(at));
  if (state === 'used' && code.used_digest === who.digest && code.revoked_at === undefined) return { kind: 'again' };
  if (state !== 'usable') return { kind: 'refused', state };
  return { kind: 'now', code: { ...code, used_at: at, used_by: who.backendId, used_digest: who.digest } };
}
