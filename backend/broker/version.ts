import { runCommand } from '#core/process/run-command.ts';

/** Before 2.10.23 consumers with several filters and in-memory state lose their place in ways the replay cannot bear. */
export const OLDEST_BROKER = '2.10.23';

export type Version = readonly [major: number, minor: number, patch: number];

/** The version in `nats-server: v2.15.1`, `2.15.1-1` or `v2.12.0-RC.2`; undefined when there is none. */
export function parseVersion(text: string): Version | undefined {
  const found = /(?:^|[^\d.])v?(\d+)\.(\d+)\.(\d+)/.exec(text);
  return found ? [Number(found[1]), Number(found[2]), Number(found[3])] : undefined;
}

export function compareVersions(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

export function isNewEnough(text: string): boolean {
  const version = parseVersion(text);
  return version !== undefined && compareVersions(version, parseVersion(OLDEST_BROKER)!) >= 0;
}

/** `2.15.1` as the program itself says it, or undefined when it does not run here or is no nats-server. */
export async function binaryVersion(binary: string, signal?: AbortSignal): Promise<string | undefined> {
  try {
    const { code, stdout } = await runCommand(binary, ['--version'], { signal });
    return code === 0 && stdout.startsWith('nats-server') ? parseVersion(stdout)?.join('.') : undefined;
  } catch {
    signal?.throwIfAborted();
    // It cannot be started (other architecture, too old a libc, not executable): to the caller the same as not there.
    return undefined;
  }
}
