import type { Rollout } from '#core/contract/rollout.ts';
import type { TargetState } from '#core/contract/target-state.ts';
import type { ExecContext } from '../exec/context.ts';
import { submittedCounts } from '../projectors/read/executions.ts';
import { countPutOff, pcsInStates } from '../projectors/read/targets.ts';
import type { WaveCounts } from './decide.ts';

/** A started wave as this backend sees it. */
export interface SeenWave {
  counts: WaveCounts;
  states: Record<TargetState, number>;
}

/** The started waves of a rollout at one moment; undefined for those whose submission is not projected. */
export function countWaves(
  { db, agents }: Pick<ExecContext, 'db' | 'agents'>,
  { waves, wave: newest }: Pick<Rollout, 'waves' | 'wave'>,
  now: number,
): (SeenWave | undefined)[] {
  const seen = (execId: string): SeenWave | undefined => {
    const states = submittedCounts(db, execId, now);
    if (states === undefined) return undefined;
    const queued = states.queued === 0 ? [] : pcsInStates(db, execId, ['queued'], now);
    const offline = queued.filter((pc) => agents.beats.off(pc)).length;
    return { states, counts: countsOf(states, offline, states.skipped === 0 ? 0 : countPutOff(db, execId)) };
  };
  // In one transaction: a PC that starts between two reads would be counted nowhere.
  return db.transaction(() => waves.slice(0, newest + 1).map((wave) => seen(wave.exec_id)))();
}

function countsOf(states: Record<TargetState, number>, offline: number, putOff: number): WaveCounts {
  return {
    succeeded: states.succeeded,
    failed: states.failed + states.timed_out + states.killed + states.unknown + states.lost,
    running: states.running,
    waiting: states.queued - offline,
    offline,
    expired: states.expired,
    put_off: putOff,
    skipped: states.skipped - putOff + states.cancelled,
  };
}
