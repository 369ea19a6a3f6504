import type { EventStarted } from './events.ts';
import { isId } from './ids.ts';
import { type ExecResult, OUTCOMES } from './result.ts';
import { OUTPUT_CHUNKS_MAX } from './streams.ts';

/**
 * Started and result are most of what is sent and projected, and the structs cost 10 and 25 µs each, about as long as
 * writing the row. These checks say yes only to what the structs accept too; to anything unusual they say no, and
 * the struct decides, and words the failure.
 */
export function isPlainStarted(value: unknown): value is EventStarted {
  const v = fields(value);
  return v !== undefined && isAbout(v) && isPlainInstant(v.started_at);
}

export function isPlainResult(value: unknown): value is ExecResult {
  const v = fields(value);
  return (
    v !== undefined &&
    isAbout(v) &&
    (v.exit_code === null || isExitCode(v.exit_code)) &&
    (OUTCOMES as readonly unknown[]).includes(v.outcome) &&
    isTextOrAbsent(v.reason) &&
    isTextOrAbsent(v.detail) &&
    typeof v.stdout === 'string' &&
    typeof v.stderr === 'string' &&
    Number.isInteger(v.stdout_bytes) &&
    Number.isInteger(v.stderr_bytes) &&
    isChunksOrAbsent(v.stdout_chunks) &&
    isChunksOrAbsent(v.stderr_chunks) &&
    isFlagOrAbsent(v.stdout_truncated) &&
    isFlagOrAbsent(v.stderr_truncated) &&
    v.error_record === undefined &&
    isFlagOrAbsent(v.reboot_required) &&
    (v.started_at === null || isPlainInstant(v.started_at)) &&
    isPlainInstant(v.finished_at)
  );
}

function fields(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}

function isAbout(v: Record<string, unknown>): boolean {
  return (
    isId(v.result_id) &&
    typeof v.request_id === 'string' &&
    v.request_id.length > 0 &&
    v.request_id.length <= 256 &&
    isId(v.exec_id) &&
    isId(v.pc_id) &&
    typeof v.manifest_id === 'string' &&
    typeof v.version === 'string'
  );
}

/** As our own agents write it. Days 29 to 31 are left to the struct, which knows how long each month is. */
const PLAIN_INSTANT = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const isPlainInstant = (value: unknown): boolean => typeof value === 'string' && PLAIN_INSTANT.test(value);
const isWhole = (value: unknown, most: number): boolean => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
const isExitCode = (value: unknown): boolean => isWhole(value, 0xffff_ffff);
const isTextOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'string';
const isChunksOrAbsent = (value: unknown): boolean => value === undefined || isWhole(value, OUTPUT_CHUNKS_MAX);
const isFlagOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'boolean';
