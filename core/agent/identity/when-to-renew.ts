import { withJitter } from '#core/nats/retry.ts';
import type { Credential } from './credential.ts';

/** Milliseconds. */
const DAILY = 24 * 3600_000;
const SOONEST = 60_000;
/** Of the life of a credential: the rest is for servers that are away. */
const SHARE = 2 / 3;

/**
 * How long after it was renewed a credential is renewed again: daily, +-25 %, or earlier when it does not live long. By the PC's own
 * clock, which may be wrong: then it is daily. Milliseconds.
 */
export function renewalAfter({ enrolled, renewed_at }: Credential, random: () => number): number {
  const life = Date.parse(enrolled?.jwt_expires_at ?? '') - Date.parse(renewed_at ?? '');
  const share = life > 0 ? Math.max(SOONEST, life * SHARE) : DAILY;
  return Math.min(withJitter(DAILY, random), share);
}

/** How long that is from now; soon, when it should have been already or this PC's clock was set back. Pure. */
export function renewalIn(credential: Credential, { now, random }: { now: number; random: () => number }): number {
  const since = now - Date.parse(credential.renewed_at ?? '');
  const left = renewalAfter(credential, random) - since;
  return since >= 0 && left > 0 ? left : random() * SOONEST;
}
