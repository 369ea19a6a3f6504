import { array, type Infer, integer, optional, type } from 'superstruct';
import { Version } from '#core/contract/version.ts';
import type { HostState } from './host-state.ts';

/** `update.json`: what an agent has to remember of releases, whichever version of it runs. */
export const UpdateState = type({
  /** The highest serial of a release that was verified here. */
  serial: optional(integer()),
  /** The highest version that has reached the broker from here. */
  proven: optional(Version),
  /** What was handed to the host, newest last. */
  tried: array(type({ version: Version, serial: integer() })),
});
export type UpdateState = Infer<typeof UpdateState>;

export const NOTHING_TRIED: UpdateState = { tried: [] };

/** As many as the host bars. */
const TRIED_MAX = 16;

export function withTried(state: UpdateState, version: string, serial: number): UpdateState {
  const others = state.tried.filter((one) => one.version !== version);
  return { ...state, tried: [...others, { version, serial }].slice(-TRIED_MAX) };
}

/** Versions that were laid down here and have served: neither what runs nor what could run again. Pure. */
export function servedVersions(
  { tried }: UpdateState,
  own: string,
  { current, previous }: Pick<HostState, 'current' | 'previous'>,
): string[] {
  const needed = [own, current, previous];
  return tried.map(({ version }) => version).filter((version) => !needed.includes(version));
}

/** By which signing a version was tried last; undefined when it was not, or so long ago that it is forgotten. */
export function triedSerial({ tried }: UpdateState, version: string): number | undefined {
  return tried.find((one) => one.version === version)?.serial;
}
