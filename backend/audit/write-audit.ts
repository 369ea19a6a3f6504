import type { AuditAction, AuditEntry } from '#core/contract/audit.ts';
import { encode } from '#core/contract/codec.ts';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { subjects } from '#core/contract/subjects.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';

export interface Actor {
  kind: AuditEntry['actor_kind'];
  name: string;
}

/** What the audit entry of this call will say beyond who and how it ended. Handlers fill it in as they learn it. */
export interface AuditDraft {
  target?: string;
  before?: unknown;
  after?: unknown;
}

interface AuditContext {
  nats: Nats;
  /** Milliseconds since 1970. */
  clock: () => number;
  newId: () => string;
  log: Pick<Log, 'error'>;
}

/** Who acts where no person does, as executions and the audit name it (seed 004). */
export const SCHEDULER = 'scheduler';

/** Bytes of `before` and `after` each; a longer one is left out and says so. */
const DETAIL_MAX = 64 * 1024;

/**
 * Stores one audit entry. What it tells of has happened, or has been refused, whether or not it can be stored: a failure
 * goes to the log with the whole entry, and does not turn a change that was made into an error.
 */
export async function writeAudit(
  ctx: AuditContext,
  what: { actor: Actor; action: AuditAction; draft: AuditDraft; result: string; requestId: string; sourceIp: string | undefined },
): Promise<boolean> {
  const { actor, action, draft, result, requestId, sourceIp } = what;
  const entry: AuditEntry = {
    audit_id: ctx.newId(),
    at: instant(ctx.clock()),
    actor_kind: actor.kind,
    actor: actor.name,
    action,
    ...(draft.target === undefined ? {} : { target: draft.target }),
    ...(draft.before === undefined ? {} : { before: bounded(draft.before) }),
    ...(draft.after === undefined ? {} : { after: bounded(draft.after) }),
    result,
    request_id: requestId,
    ...(sourceIp === undefined ? {} : { source_ip: sourceIp }),
  };
  try {
    await ctx.nats.publishStored(subjects.audit(actor.kind, action), encode(entry));
    return true;
  } catch (error) {
    ctx.log.error({ entry, error: messageOf(error) }, 'an audit entry could not be stored');
    return false;
  }
}

function bounded(value: unknown): unknown {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  return bytes <= DETAIL_MAX ? value : { left_out: `${bytes} bytes` };
}
