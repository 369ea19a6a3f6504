import type { CommandKeyEntry, KeyState } from '#core/contract/command-key.ts';

/** Milliseconds by which the broker's clock, which a backend goes by once it is connected, may be behind that of its own machine. */
export const CLOCKS_DIFFER = 3_600_000;

type Times = Pick<CommandKeyEntry, 'active_from' | 'retired_at'>;

export function isRetired({ retired_at }: Times, now: number): boolean {
  return retired_at !== undefined && Date.parse(retired_at) <= now;
}

/** Of one backend's keys the one that seals: the newest whose time has come. */
export function sealingOf<T extends Times>(keys: readonly T[], now: number): T | undefined {
  const usable = keys.filter((key) => Date.parse(key.active_from) <= now && !isRetired(key, now));
  return usable.reduce<T | undefined>((best, key) => (best && best.active_from >= key.active_from ? best : key), undefined);
}

/** `keys`: all of the backend whose key this is. */
export function stateOf<T extends Times>(key: T, keys: readonly T[], now: number): KeyState {
  if (isRetired(key, now)) return 'retired';
  if (Date.parse(key.active_from) > now) return 'next';
  return sealingOf(keys, now) === key ? 'active' : 'retiring';
}

/** It counts, and will not: what it has sealed is to be sealed by another. Retired it is no longer, for then anybody may have it. */
export function isGoing(key: Times, now: number): boolean {
  return key.retired_at !== undefined && !isRetired(key, now);
}
