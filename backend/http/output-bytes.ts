import { KanadeError } from '#core/contract/errors.ts';
import { OUTPUT_MAX } from '#core/contract/streams.ts';
import { subjects } from '#core/contract/subjects.ts';
import type { Nats } from '#core/nats/connection.ts';
import { directGet } from '#core/nats/direct-get.ts';
import type { ResultView } from '../projectors/read/results.ts';

export type OutputName = 'stdout' | 'stderr';

/** Milliseconds. A result may overtake its output; one that is older than this has lost it to retention. */
const PENDING_FOR = 3_600_000;
const AT_ONCE = 8;

/**
 * What a script wrote, byte for byte, in parts: from the result itself, or from OUTPUT when that is where it went.
 * Never more than an agent keeps of it, whatever a PC has put there. Rejects with `output_pending` while a part may still come, with `output_gone` after that.
 */
export async function outputOf(nats: Nats, result: ResultView, name: OutputName, now: number): Promise<Uint8Array[]> {
  const chunks = result[`${name}_chunks`];
  if (chunks === 0) return result[name] === '' ? [] : [Buffer.from(result[name])];
  const parts: Uint8Array[] = [];
  let room = OUTPUT_MAX;
  for (let first = 0; first < chunks && room > 0; first += AT_ONCE) {
    const numbers = Array.from({ length: Math.min(AT_ONCE, chunks - first) }, (_, i) => first + i);
    const subject = (n: number) => subjects.output(result.pc_id, result.result_id, name, n);
    const found = await Promise.all(numbers.map((n) => directGet(nats, 'OUTPUT', subject(n))));
    for (const [i, part] of found.entries()) {
      if (part === undefined) throw missing(result, name, first + i, now);
      parts.push(part.value.subarray(0, room));
      room = Math.max(0, room - part.value.length);
    }
  }
  return parts;
}

function missing(result: ResultView, name: OutputName, n: number, now: number): KanadeError {
  const young = now - Date.parse(result.recorded_at) < PENDING_FOR;
  const what = `part ${n} of ${result[`${name}_chunks`]} of ${name}`;
  return young
    ? new KanadeError('output_pending', `${what} has not arrived yet`)
    : new KanadeError('output_gone', `${what} is not there any more`);
}

/** Whether the parts together are UTF-8 text. */
export function isText(parts: readonly Uint8Array[]): boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for (const part of parts) decoder.decode(part, { stream: true });
    decoder.decode();
    return true;
  } catch {
    // The decoder's way of saying no.
    return false;
  }
}
