import type { AuditAction } from '#core/contract/audit.ts';
import { SCHEDULER, writeAudit } from '../audit/write-audit.ts';
import type { ExecContext } from '../exec/context.ts';

export type StepContext = Pick<ExecContext, 'nats' | 'clock' | 'newId' | 'log'>;

/** The audit entry of a step that no person took; a failure to store it is in the log. */
export async function sayStep(ctx: StepContext, rolloutId: string, action: AuditAction, after: unknown): Promise<void> {
  const actor = { kind: 'scheduler', name: SCHEDULER } as const;
  const draft = { target: `rollouts/${rolloutId}`, after };
  await writeAudit(ctx, { actor, action, draft, result: 'ok', requestId: ctx.newId(), sourceIp: undefined });
}
