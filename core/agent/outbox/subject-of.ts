import { object } from 'superstruct';
import { check, parseJson } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { AgentEvent, EventStarted } from '#core/contract/events.ts';
import { isId } from '#core/contract/ids.ts';
import { InventorySection, isSectionName } from '#core/contract/inventory.ts';
import { isPlainResult, isPlainStarted } from '#core/contract/plain.ts';
import { ExecResult } from '#core/contract/result.ts';
import { subjects } from '#core/contract/subjects.ts';
import type { OutboxKind } from './outbox-store.ts';

const CHUNK = /^([A-Za-z0-9_-]{1,64})\.(stdout|stderr)\.(\d{1,9})$/;

/**
 * The subject a stored message goes to, read from the message itself; a chunk of output is raw bytes, so its name tells:
 * `<result_id>.<stdout|stderr>.<n>`. Throws `bad_message` when it is not the message it should be.
 */
export function subjectOf(kind: OutboxKind, name: string, bytes: Uint8Array, pc: string): string {
  if (kind === 'output') return chunkSubject(name, pc);
  if (kind === 'inventory') {
    const { pc_id, section } = check(InventorySection, parseJson(bytes));
    if (!isSectionName(section)) throw new KanadeError('bad_message', `${JSON.stringify(section)} is no section`);
    return subjects.inventory(pc_id, section);
  }
  if (kind === 'results') {
    const value = parseJson(bytes);
    const result = isPlainResult(value) ? value : check(ExecResult, value);
    return subjects.result(result.exec_id, result.pc_id);
  }
  const value = parseJson(bytes);
  if (isPlainStarted(value)) return subjects.started(value.exec_id, value.pc_id);
  if (object().is(value) && 'event_id' in value) {
    const event = check(AgentEvent, value);
    return subjects.agentEvent(event.kind, event.pc_id);
  }
  const started = check(EventStarted, value);
  return subjects.started(started.exec_id, started.pc_id);
}

/** The name under which chunk `n` of a result's output is enqueued. */
export function chunkName(resultId: string, stream: 'stdout' | 'stderr', n: number): string {
  return `${resultId}.${stream}.${n}`;
}

function chunkSubject(name: string, pc: string): string {
  const [, result, stream, n] = CHUNK.exec(name) ?? [];
  if (!isId(result)) throw new KanadeError('bad_message', `${name} does not name a chunk of output`);
  return subjects.output(pc, result, stream === 'stderr' ? 'stderr' : 'stdout', Number(n));
}
