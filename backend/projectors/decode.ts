import { AuditEntry } from '#core/contract/audit.ts';
import { check, decode, parseJson } from '#core/contract/codec.ts';
import { Command } from '#core/contract/command.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { AgentEvent, EventStarted } from '#core/contract/events.ts';
import { foldPcId, isId } from '#core/contract/ids.ts';
import { INVENTORY_MAX, InventorySection } from '#core/contract/inventory.ts';
import { isPlainResult, isPlainStarted } from '#core/contract/plain.ts';
import { ExecResult } from '#core/contract/result.ts';
import { Completion } from '#core/contract/schedule.ts';
import { execAndPc, kindAndPc, pcAndSection, subjects } from '#core/contract/subjects.ts';
import { Cancelled, Lost, Submitted } from '#core/contract/submission.ts';
import type { Dead, Fact } from './fact.ts';
import { checkData } from './inventory/check-data.ts';
import type { ProjectedStream } from './streams.ts';

/**
 * A message as a fact. Who it is about is what its subject says, for the broker lets nobody publish on another's
 * subject; a body that says otherwise, and whatever is malformed, is a dead letter.
 */
export function factOf(stream: ProjectedStream, subject: string, bytes: Uint8Array): Fact {
  try {
    return DECODERS[stream](subject, bytes);
  } catch (error) {
    return dead(error);
  }
}

export function dead(error: unknown): Dead {
  return { kind: 'dead', code: error instanceof KanadeError ? error.code : 'internal', detail: messageOf(error) };
}

const DECODERS: Record<ProjectedStream, (subject: string, bytes: Uint8Array) => Fact> = {
  EXECUTIONS: executionFact,
  EVENTS: eventFact,
  RESULTS: resultFact,
  AUDIT: auditFact,
  INVENTORY: inventoryFact,
  KV_completions: completionFact,
};

function executionFact(subject: string, bytes: Uint8Array): Fact {
  const [, kind, exec, ...more] = subject.split('.');
  if (!isId(exec) || more.length > 0) throw unknownSubject(subject);
  if (kind === 'submitted') {
    const body = decode(Submitted, bytes);
    same('exec_id', body.exec_id, exec);
    return { kind, exec, body, command: decode(Command, Buffer.from(body.command)) };
  }
  if (kind === 'cancelled') {
    const body = decode(Cancelled, bytes);
    same('exec_id', body.exec_id, exec);
    return { kind, exec, body };
  }
  if (kind === 'lost') {
    const body = decode(Lost, bytes);
    same('exec_id', body.exec_id, exec);
    return { kind, exec, body };
  }
  throw unknownSubject(subject);
}

function eventFact(subject: string, bytes: Uint8Array): Fact {
  const started = execAndPc(subject, 'events.started');
  if (started) {
    const value = parseJson(bytes);
    const body = isPlainStarted(value) ? value : check(EventStarted, value);
    samePcAndExec(body, started);
    return { kind: 'started', ...started, body };
  }
  const agent = kindAndPc(subject);
  if (agent === undefined) throw unknownSubject(subject);
  const body = decode(AgentEvent, bytes);
  same('kind', body.kind, agent.kind);
  same('pc_id', foldPcId(body.pc_id), agent.pc);
  return { kind: 'agent_event', pc: agent.pc, body };
}

function resultFact(subject: string, bytes: Uint8Array): Fact {
  const about = execAndPc(subject, 'results');
  if (about === undefined) throw unknownSubject(subject);
  const value = parseJson(bytes);
  const body = isPlainResult(value) ? value : check(ExecResult, value);
  samePcAndExec(body, about);
  return { kind: 'result', ...about, body };
}

function auditFact(subject: string, bytes: Uint8Array): Fact {
  const [, actorKind, action, ...more] = subject.split('.');
  if (more.length > 0) throw unknownSubject(subject);
  const body = decode(AuditEntry, bytes);
  same('actor_kind', body.actor_kind, actorKind!);
  same('action', body.action, action ?? '');
  return { kind: 'audit', body };
}

/** Only as the contract spells it: another spelling of a PC would be another subject, with a hundred messages of its own. */
function inventoryFact(subject: string, bytes: Uint8Array): Fact {
  const about = pcAndSection(subject);
  if (about === undefined || subject !== subjects.inventory(about.pc, about.section)) throw unknownSubject(subject);
  if (bytes.length > INVENTORY_MAX) throw new KanadeError('bad_message', `it has ${bytes.length} bytes, ${INVENTORY_MAX} are the most`);
  const body = decode(InventorySection, bytes);
  same('section', body.section, about.section);
  same('pc_id', foldPcId(body.pc_id), about.pc);
  return { kind: 'inventory', ...about, body, data: checkData(about.section, body.data) };
}

function completionFact(subject: string, bytes: Uint8Array): Fact {
  const [, , schedule, pc, ...more] = subject.split('.');
  if (!isId(schedule) || !isId(pc) || more.length > 0) throw unknownSubject(subject);
  return { kind: 'completion', schedule, pc: foldPcId(pc), body: decode(Completion, bytes) };
}

function samePcAndExec(body: { exec_id: string; pc_id: string }, about: { exec: string; pc: string }): void {
  same('exec_id', body.exec_id, about.exec);
  same('pc_id', foldPcId(body.pc_id), about.pc);
}

function same(field: string, said: string, subject: string): void {
  if (said !== subject) throw new KanadeError('subject_mismatch', `${field} is ${said}, but the subject says ${subject}`);
}

function unknownSubject(subject: string): KanadeError {
  return new KanadeError('bad_message', `nothing is known to be published on ${subject}`);
}
