import { define, type Struct } from 'superstruct';

const FORM = /^(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})$/;
const PART_MAX = 65_535;

/** Exactly what kanade-host.exe takes for the folder of a version (installer/host/version.c). */
export function isVersion(value: unknown): value is string {
  return typeof value === 'string' && FORM.test(value) && partsOf(value).every((part) => part <= PART_MAX);
}

export const Version: Struct<string, null> = define(
  'Version',
  (value) => isVersion(value) || 'must be three numbers up to 65535, as 1.2.3',
);

/** Below 0 when `a` is the older one. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [partsOf(a), partsOf(b)];
  const at = left.findIndex((part, i) => part !== right[i]);
  return at < 0 ? 0 : left[at]! - right[at]!;
}

function partsOf(version: string): number[] {
  return version.split('.').map(Number);
}
