import { isVersion } from '#core/contract/version.ts';

/** What kanade-host.exe has written down of the versions of this PC, as far as an agent asks (installer/host/swap-file.c). */
export interface HostState {
  current: string;
  /** The way back; '' where there is none. */
  previous: string;
  /** `current` is not proven yet. */
  trial: boolean;
  /** Versions that failed: the host takes none of them as long as there is another. */
  barred: readonly string[];
}

/** Undefined when it is not exactly as the host writes it. Pure. */
export function parseHostState(text: string): HostState | undefined {
  const found = /^current (\S*)\nprevious (\S*)\ntrial ([01])\nmust-connect [01]\ncrashes \d+\ncontact \d+\n((?:barred \S+\n)*)$/.exec(
    text,
  );
  if (found === null) return undefined;
  const [, current = '', previous = '', trial, rest = ''] = found;
  const barred = [...rest.matchAll(/^barred (\S+)$/gm)].map(([, version]) => version!);
  const named = [current, previous, ...barred].filter((version) => version !== '');
  return named.every(isVersion) ? { current, previous, trial: trial === '1', barred } : undefined;
}
