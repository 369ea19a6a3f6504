import type { ErrorCode } from '#core/contract/errors.ts';
import type { Outcome } from '#core/contract/result.ts';
import { compareVersions } from '#core/contract/version.ts';
import type { HostState } from './host-state.ts';

/** How an update ended, in the words of its result. */
export interface UpdateEnd {
  outcome: Outcome;
  /** One of these, or what is wrong with the release. */
  reason?: UpdateReason | ErrorCode;
  detail: string;
}

export type UpdateReason =
  | 'newer_version'
  | 'update_unsupported'
  | 'update_barred'
  | 'update_rolled_back'
  | 'update_not_taken'
  | 'update_waiting';

export const NO_HOST: UpdateEnd = {
  outcome: 'failed',
  reason: 'update_unsupported',
  detail: 'this agent is not run by kanade-host.exe: it is updated by whatever installed it',
};

/** Why there is nothing to be done for an update to `wanted` that has not begun; undefined when there is. Pure. */
export function beforeUpdate(own: string, wanted: string): UpdateEnd | undefined {
  if (own === wanted) return { outcome: 'succeeded', detail: `it runs ${own} already` };
  return compareVersions(own, wanted) > 0 ? newer(own, wanted) : undefined;
}

/** Why a version that failed here is not tried again: that takes a signing later than the one that failed, whose serial is `tried`. Pure. */
export function barredAgain(
  { barred }: HostState,
  { version, serial }: { version: string; serial: number },
  tried: number | undefined,
): UpdateEnd | undefined {
  if (!barred.includes(version) || (tried !== undefined && serial > tried)) return undefined;
  const detail = `${version} was tried here and failed: it is taken again only as a release that was signed later`;
  return { outcome: 'failed', reason: 'update_barred', detail };
}

/** What became of an update to `wanted` that was handed to the host, seen by whichever version runs now. Pure. */
export function afterUpdate(own: string, wanted: string, host: HostState | undefined): UpdateEnd {
  if (own === wanted) return { outcome: 'succeeded', detail: `it runs ${own}` };
  if (compareVersions(own, wanted) > 0) return newer(own, wanted);
  if (host?.barred.includes(wanted)) {
    const detail = `${wanted} failed: ${own} runs again, and ${wanted} is not tried any more`;
    return { outcome: 'failed', reason: 'update_rolled_back', detail };
  }
  return { outcome: 'failed', reason: 'update_not_taken', detail: `kanade-host.exe did not take ${wanted}: ${own} runs` };
}

function newer(own: string, wanted: string): UpdateEnd {
  return { outcome: 'skipped', reason: 'newer_version', detail: `it runs ${own}, which is newer than ${wanted}` };
}
