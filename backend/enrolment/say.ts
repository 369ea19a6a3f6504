import type { AuditAction } from '#core/contract/audit.ts';
import { messageOf } from '#core/contract/errors.ts';
import type { AgentEventKind } from '#core/contract/events.ts';
import { sayAgentEvent } from '../agents/say-agent-event.ts';
import { type Actor, type AuditDraft, writeAudit } from '../audit/write-audit.ts';
import type { Asker, EnrolmentContext } from './context.ts';

/** Who acts when a PC asks for its identity itself. */
export const ENROLMENT: Actor = { kind: 'system', name: 'enrolment' };

/** Stores what an admin should hear of a PC. What it tells of has happened, whether or not it can be told. */
export async function tell(
  ctx: Pick<EnrolmentContext, 'nats' | 'clock' | 'log'>,
  pc: string,
  kind: AgentEventKind,
  more: { code?: string; detail: string },
): Promise<void> {
  try {
    await sayAgentEvent(ctx.nats, ctx.clock, pc, kind, more);
  } catch (error) {
    ctx.log.error({ pc, kind, ...more, error: messageOf(error) }, 'an event could not be stored');
  }
}

/** The same of what comes again and again: once an hour for each `about`, which whoever causes it must not be able to make up. */
export async function tellNowAndThen(ctx: EnrolmentContext, about: string, ...what: Tail<Parameters<typeof tell>>): Promise<void> {
  if (ctx.enrolment.told.may(`${what[1]} ${about}`)) await tell(ctx, ...what);
}

type Tail<T extends unknown[]> = T extends [unknown, ...infer Rest] ? Rest : never;

/** What a PC's own request has changed. */
export async function auditEnrolment(
  ctx: Pick<EnrolmentContext, 'nats' | 'clock' | 'newId' | 'log'>,
  action: AuditAction,
  draft: AuditDraft,
  from: Asker,
): Promise<void> {
  await writeAudit(ctx, { actor: ENROLMENT, action, draft, result: 'ok', requestId: from.requestId, sourceIp: from.address });
}
