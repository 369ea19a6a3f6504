import { parseDuration } from '#core/contract/duration.ts';
import type { Halt, Rollout, RolloutWave } from '#core/contract/rollout.ts';
import { instant } from '#core/contract/time.ts';
import { parseShare } from './plan.ts';

/** The PCs of a wave by what they mean to its rollout; each is in one of them. */
export interface WaveCounts {
  succeeded: number;
  /** failed, timed_out, killed, unknown or lost. */
  failed: number;
  running: number;
  /** Queued on a PC that is not known to be off. */
  waiting: number;
  /** Queued on a PC that is off: it runs the command when it is back. */
  offline: number;
  expired: number;
  /** Skipped for a freeze or for a later fire: no word about the command, and it does not run it any more. */
  put_off: number;
  /** skipped for anything else, or cancelled. */
  skipped: number;
}

export const unreachable = ({ offline, expired }: WaveCounts): number => offline + expired;

export type Decision =
  | { do: 'submit'; wave: number }
  /** It was stopped while this wave was being submitted: find out whether it was. */
  | { do: 'find'; wave: number }
  | { do: 'cancel' }
  | { do: 'start'; wave: number }
  | ({ do: 'halt' } & Pick<Halt, 'wave' | 'reason' | 'detail'>)
  | { do: 'complete' }
  /** `wave`: the one that waits for its turn, null when there is none. */
  | { do: 'wait'; wave: number | null; why: string };

/**
 * What to do next with a rollout. `counts` has one member for each started wave, undefined while this backend's
 * projection has not read its submission: on what cannot be seen nothing is decided. `now` in milliseconds; `held`: why
 * no wave may be sent now (held-back.ts). Pure.
 */
export function decide(rollout: Rollout, counts: readonly (WaveCounts | undefined)[], now: number, held: string | undefined): Decision {
  const decision = decideOpen(rollout, counts, now);
  // One whose submission is seen was sent already: submitting it only finds that out.
  const sends = decision.do === 'start' || (decision.do === 'submit' && counts[decision.wave] === undefined);
  return sends && held !== undefined ? { do: 'wait', wave: decision.wave, why: held } : decision;
}

function decideOpen(rollout: Rollout, counts: readonly (WaveCounts | undefined)[], now: number): Decision {
  const { status, wave: newest, waves } = rollout;
  const pending = waves[newest]?.seq === null;
  if (pending && status !== 'running') return { do: 'find', wave: newest };
  const cancels = rollout.cancel?.done === false;
  if (status !== 'running' && !cancels) return { do: 'wait', wave: null, why: `it is ${status}` };
  const next = newest + 1 < waves.length ? newest + 1 : null;
  const sent = pending ? newest : newest + 1;
  const unseen = waves.slice(0, sent).findIndex((_, n) => counts[n] === undefined);
  if (unseen >= 0) return { do: 'wait', wave: next, why: `the submission of wave ${unseen} is not projected yet` };
  if (cancels) return { do: 'cancel' };
  const seen = counts as readonly WaveCounts[];
  const skipSoak = rollout.advance === 'now';

  // Before a wave that is written down is sent, too: whoever wrote that may be long gone, and much may have failed since.
  for (let n = rollout.accepted + 1; n < sent; n++) {
    const over = now >= soakEnd(rollout, n) || (n === newest && skipSoak);
    const detail = tooManyFailed(rollout, waves[n]!, seen[n]!, over);
    if (detail !== undefined) return { do: 'halt', wave: n, reason: 'failures', detail };
  }
  if (pending) return { do: 'submit', wave: newest };
  if (newest < 0) return { do: 'start', wave: 0 };
  return next === null ? finish(rollout, seen, now) : goOn(rollout, next, seen[newest]!, now);
}

/** Milliseconds since 1970 until which a started wave is looked at before anything follows it. */
function soakEnd({ plan, waves }: Rollout, n: number): number {
  const soak = plan.soak === undefined ? 0 : parseDuration('soak', plan.soak) * 1000;
  return Date.parse(waves[n]!.started_at!) + soak;
}

/** During the soak a failure counts among all PCs of the wave; afterwards among those that have answered. */
function tooManyFailed({ plan }: Rollout, wave: RolloutWave, counts: WaveCounts, soakOver: boolean): string | undefined {
  const { failed } = counts;
  const most = plan.max_failure_percent ?? 0;
  const limit = `max_failure_percent is ${most}`;
  if (failed * 100 > most * wave.count) return `${failed} of ${wave.count} PCs failed, ${limit}`;
  const answered = counts.succeeded + failed;
  if (soakOver && failed * 100 > most * answered) return `${failed} of the ${answered} PCs that have answered failed, ${limit}`;
  return undefined;
}

function goOn(rollout: Rollout, next: number, counts: WaveCounts, now: number): Decision {
  const newest = next - 1;
  // A wave that was accepted after a halt is not held against the next one.
  const need = rollout.accepted >= newest ? 0 : needed(rollout.plan.min_success, rollout.waves[newest]!.count);
  const { succeeded, running, waiting, offline } = counts;
  if (succeeded + running + waiting + offline < need) {
    const detail = `only ${succeeded} PCs succeeded and ${running + waiting + offline} may still, min_success is ${need}`;
    return { do: 'halt', wave: newest, reason: 'min_success', detail };
  }
  if (rollout.advance === 'now') return { do: 'start', wave: next };
  const until = soakEnd(rollout, newest);
  const wait = (why: string): Decision => ({ do: 'wait', wave: next, why });
  if (now < until) return wait(`wave ${newest} is looked at until ${instant(until)}`);
  if (running + waiting > 0) return wait(`in wave ${newest} ${running} PCs are running and ${waiting} are waiting`);
  if (succeeded < need) return wait(`in wave ${newest} ${succeeded} PCs have succeeded, min_success is ${need}`);
  return { do: 'start', wave: next };
}

/** PCs that are off keep their queued command and run it when they are back, so nobody waits for them here. */
function finish(rollout: Rollout, counts: readonly WaveCounts[], now: number): Decision {
  const until = soakEnd(rollout, rollout.wave);
  if (now < until) return { do: 'wait', wave: null, why: `the last wave is looked at until ${instant(until)}` };
  const running = counts.reduce((sum, c) => sum + c.running, 0);
  const waiting = counts.reduce((sum, c) => sum + c.waiting, 0);
  if (running + waiting === 0) return { do: 'complete' };
  return { do: 'wait', wave: null, why: `${running} PCs are running and ${waiting} are waiting` };
}

function needed(least: Rollout['plan']['min_success'], count: number): number {
  if (least === undefined) return 0;
  return typeof least === 'number' ? Math.min(least, count) : Math.ceil((count * parseShare(least)!) / 100);
}
