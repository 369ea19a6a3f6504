import { encode } from '#core/contract/codec.ts';
import type { ErrorRecord, ExecResult } from '#core/contract/result.ts';
import { INLINE_RESULT_MAX, OUTPUT_CHUNK } from '#core/contract/streams.ts';
import type { Captured } from './capture.ts';
import { decodeOutput } from './decode-output.ts';

/** Characters of output that a result shows when the bytes themselves travel in chunks: control characters take six bytes each in JSON. */
const PREVIEW = 32 * 1024;
/** Characters kept of each field of an error record. */
const ERROR_FIELD = 8 * 1024;

export interface BuiltResult {
  message: Uint8Array;
  /** In the order they are to be sent, before the message. */
  chunks: { stream: 'stdout' | 'stderr'; n: number; bytes: Uint8Array }[];
}

type Said = Omit<ExecResult, 'stdout' | 'stderr' | 'stdout_bytes' | 'stderr_bytes'>;

/**
 * The message about a result, and the chunks that carry the output the message cannot: output that is not UTF-8, for
 * JSON could not give its bytes back, and the longer stream, then the other, while the message is over 512 KiB. Pure.
 */
export function buildResult(said: Said, output: { stdout: Captured; stderr: Captured }, encoding: string): BuiltResult {
  const base = said.error_record === undefined ? said : { ...said, error_record: shortened(said.error_record) };
  const decoded = { stdout: decodeOutput(output.stdout.bytes, encoding), stderr: decodeOutput(output.stderr.bytes, encoding) };
  const chunked = { stdout: !decoded.stdout.exact, stderr: !decoded.stderr.exact };
  const longerFirst = (['stdout', 'stderr'] as const).toSorted((a, b) => output[b].bytes.length - output[a].bytes.length);
  const message = () => encode({ ...base, ...part('stdout'), ...part('stderr') } as ExecResult);
  const part = (stream: 'stdout' | 'stderr') => ({
    [stream]: chunked[stream] ? preview(decoded[stream].text) : decoded[stream].text,
    [`${stream}_bytes`]: output[stream].total,
    ...(output[stream].truncated ? { [`${stream}_truncated`]: true } : {}),
    ...(chunked[stream] ? { [`${stream}_chunks`]: Math.ceil(output[stream].bytes.length / OUTPUT_CHUNK) } : {}),
  });
  let bytes = message();
  for (const stream of longerFirst) {
    if (bytes.length <= INLINE_RESULT_MAX) break;
    chunked[stream] = true;
    bytes = message();
  }
  const chunks = (['stdout', 'stderr'] as const).flatMap((stream) => (chunked[stream] ? cut(stream, output[stream].bytes) : []));
  return { message: bytes, chunks };
}

function cut(stream: 'stdout' | 'stderr', bytes: Uint8Array): BuiltResult['chunks'] {
  return Array.from({ length: Math.ceil(bytes.length / OUTPUT_CHUNK) }, (_, n) => ({
    stream,
    n,
    bytes: bytes.subarray(n * OUTPUT_CHUNK, (n + 1) * OUTPUT_CHUNK),
  }));
}

function preview(text: string): string {
  if (text.length <= PREVIEW) return text;
  const head = text.slice(0, (PREVIEW * 2) / 3).toWellFormed();
  const tail = text.slice(-PREVIEW / 3).toWellFormed();
  return `${head}\n[... this is a preview: the whole output is kept beside it ...]\n${tail}`;
}

function shortened(record: ErrorRecord): ErrorRecord {
  const entries = Object.entries(record).map(([key, value]) => [key, value?.slice(0, ERROR_FIELD).toWellFormed()]);
  return Object.fromEntries(entries) as ErrorRecord;
}
