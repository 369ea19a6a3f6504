import { encode } from '#core/contract/codec.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import type { AgentEvent } from '#core/contract/events.ts';
import { deriveId } from '#core/contract/ids.ts';
import { subjects } from '#core/contract/subjects.ts';
import { instant } from '#core/contract/time.ts';
import { connectAgent, type LinkOptions } from './link.ts';

/** Milliseconds: an agent that is refused does not linger. */
const AT_MOST = 10_000;

/**
 * Throws what it is given. A folder that another agent has is also told to the backend, past the outbox, which is the
 * other one's: whoever started the second agent may never look at its log. The same two say it as one event.
 */
export async function sayFolderInUse(link: LinkOptions | undefined, signal: AbortSignal, error: unknown): Promise<never> {
  if (link === undefined || !(error instanceof KanadeError) || error.code !== 'folder_in_use') throw error;
  const { pcId, wall, log } = link;
  try {
    await using nats = await connectAgent(link, AbortSignal.any([signal, AbortSignal.timeout(AT_MOST)]));
    const event: AgentEvent = {
      event_id: deriveId('event', pcId, 'conflict', error.message),
      pc_id: pcId,
      kind: 'conflict',
      at: instant(wall()),
      code: error.code,
      detail: `a second agent was refused: ${error.message}`,
    };
    await nats?.publishStored(subjects.agentEvent('conflict', pcId), encode(event), { timeout: AT_MOST });
  } catch (failure) {
    // The refusal itself is what counts; it is in the log and is the exit code.
    log.warn({ error: messageOf(failure) }, 'that the folder is in use could not be told to the backend');
  }
  throw error;
}
