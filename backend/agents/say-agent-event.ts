import { encode } from '#core/contract/codec.ts';
import type { AgentEvent, AgentEventKind } from '#core/contract/events.ts';
import { deriveId } from '#core/contract/ids.ts';
import { subjects } from '#core/contract/subjects.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';

/** Stores what the backend noticed of a PC on EVENTS, beside what the PC itself says; or, under a name of its own, of the broker. */
export async function sayAgentEvent(
  nats: Nats,
  clock: () => number,
  pc: string,
  kind: AgentEventKind,
  more: { code?: string; detail?: string; subject?: string },
): Promise<void> {
  const at = instant(clock());
  const event: AgentEvent = { event_id: deriveId('event', pc, kind, at, more.subject ?? ''), pc_id: pc, kind, at, ...more };
  await nats.publishStored(subjects.agentEvent(kind, pc), encode(event));
}
