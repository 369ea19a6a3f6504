import { parseDuration } from '#core/contract/duration.ts';
import { type Fault, messageOf } from '#core/contract/errors.ts';
import { sha256 } from '#core/contract/ids.ts';
import type { RolloutPlan } from '#core/contract/rollout.ts';
import { EXPIRES_MAX } from '#core/contract/streams.ts';

const SHARE = /^(\d{1,3}(?:\.\d+)?)%$/;

/** 0 to 100, or undefined when that is no share such as 10%. */
export function parseShare(text: string): number | undefined {
  const share = Number(SHARE.exec(text)?.[1] ?? Number.NaN);
  return share > 0 && share <= 100 ? share : undefined;
}

/** Everything that is wrong with a rollout as it was written, each with its path below `at`. Pure. */
export function rolloutFaults(plan: RolloutPlan, at: string): Fault[] {
  const faults: Fault[] = [];
  const { waves, max_failure_percent: most, min_success: least, soak } = plan;
  if (waves.length === 0) faults.push({ pointer: `${at}/waves`, message: 'is empty' });
  waves.forEach((wave, n) => {
    const pointer = `${at}/waves/${n}`;
    if (typeof wave === 'number' && (!Number.isInteger(wave) || wave < 1))
      faults.push({ pointer, message: 'must be a whole number of PCs' });
    if (typeof wave === 'string' && parseShare(wave) === undefined)
      faults.push({ pointer, message: `${JSON.stringify(wave)} is no share such as 10%` });
  });
  faults.push(...shrinking(waves, at));
  if (most !== undefined && !(most >= 0 && most <= 100))
    faults.push({ pointer: `${at}/max_failure_percent`, message: 'must be from 0 to 100' });
  if (typeof least === 'number' && (!Number.isInteger(least) || least < 1))
    faults.push({ pointer: `${at}/min_success`, message: 'must be a whole number of PCs' });
  if (typeof least === 'string' && parseShare(least) === undefined)
    faults.push({ pointer: `${at}/min_success`, message: `${JSON.stringify(least)} is no share such as 90%` });
  if (soak !== undefined) {
    try {
      if (parseDuration('soak', soak) > EXPIRES_MAX)
        faults.push({ pointer: `${at}/soak`, message: 'must be at most 7d', code: 'invalid_duration' });
    } catch (error) {
      faults.push({ pointer: `${at}/soak`, message: messageOf(error), code: 'invalid_duration' });
    }
  }
  return faults;
}

/** Waves that reach nobody new, as far as that can be told before it is known how many PCs there are. */
function shrinking(waves: RolloutPlan['waves'], at: string): Fault[] {
  const most = { number: 0, string: 0 };
  return waves.flatMap((wave, n): Fault[] => {
    if (typeof wave === 'object') return [];
    const kind = typeof wave as 'number' | 'string';
    const reached = typeof wave === 'number' ? wave : parseShare(wave);
    // That it is none at all is said elsewhere.
    if (reached === undefined || !(reached > 0)) return [];
    const grows = reached > most[kind] && most.string < 100;
    most[kind] = Math.max(most[kind], reached);
    return grows ? [] : [{ pointer: `${at}/waves/${n}`, message: 'reaches nobody whom the waves before it have not reached' }];
  });
}

/**
 * The waves whose group holds nobody that is meant. Without the wave the next one would be the first, so that a canary
 * group that is misspelt, or that everybody has left, would send the rest out at once. Pure.
 */
export function groupFaults(plan: RolloutPlan, { pcs, members }: Pick<WavesOf, 'pcs' | 'members'>, at: string): Fault[] {
  const meant = new Set(pcs);
  return plan.waves.flatMap((wave, n): Fault[] => {
    if (typeof wave !== 'object' || members(wave.group).some((pc) => meant.has(pc))) return [];
    return [{ pointer: `${at}/waves/${n}`, code: 'target_empty', message: `no PC of the target is in the group ${wave.group}` }];
  });
}

export interface WavesOf {
  id: string;
  /** Every PC that is meant. */
  pcs: readonly string[];
  members: (group: string) => readonly string[];
  online: (pc: string) => boolean;
}

/**
 * The PCs of each wave, each PC in one wave. Numbers and shares say how many of all have been reached by the end of the
 * wave; what the last wave leaves over is a last wave of its own. Which PCs go first is drawn by the rollout's
 * id, so that it is not always the same ones, among those that are online: a wave that is off proves nothing. Pure.
 */
export function fixWaves(waves: RolloutPlan['waves'], { id, pcs, members, online }: WavesOf): string[][] {
  const lot = new Map(pcs.map((pc) => [pc, `${online(pc) ? 0 : 1}${sha256(`${id} ${pc}`)}`]));
  let left = [...pcs].sort((a, b) => (lot.get(a)! < lot.get(b)! ? -1 : 1));
  const fixed: string[][] = [];
  const take = (chosen: (pc: string, n: number) => boolean) => {
    const wave = left.filter(chosen);
    left = left.filter((pc, n) => !chosen(pc, n));
    if (wave.length > 0) fixed.push(wave.sort());
  };
  for (const wave of waves) {
    const reached = pcs.length - left.length;
    if (typeof wave === 'object') {
      const group = new Set(members(wave.group));
      take((pc) => group.has(pc));
    } else {
      const upTo = typeof wave === 'number' ? wave : Math.ceil((pcs.length * parseShare(wave)!) / 100);
      take((_, n) => n < upTo - reached);
    }
  }
  take(() => true);
  return fixed;
}
