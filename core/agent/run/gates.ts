import { AD_HOC, type Command } from '#core/contract/command.ts';
import type { Knowledge } from '../intake/knowledge.ts';

/** Why a command is not run after all; `wait` = what has to be known first cannot be known now. */
export type Gate = { kind: 'go' } | { kind: 'skip'; reason: 'cancelled' | 'revoked' | 'version_changed' | 'stale'; detail?: string };

const GO: Gate = { kind: 'go' };

/**
 * What is asked right before a script starts. Throws when no answer can be had about `cancelled`, which nothing may
 * stand in for; a revocation or pin that cannot be read is ruled by the command's `staleness` (reference: fire-time rules).
 */
export async function gate(
  knowledge: Knowledge,
  { command, execId, staleFor, readCancelled }: { command: Command; execId: string; staleFor: number; readCancelled: boolean },
): Promise<Gate> {
  if (readCancelled && (await knowledge.cancelled(execId))) return { kind: 'skip', reason: 'cancelled' };
  if (command.id === AD_HOC || command.staleness?.mode === 'unchecked') return GO;
  try {
    const [revoked, current] = await Promise.all([knowledge.revoked(command.id), knowledge.currentVersion(command.id)]);
    if (revoked) return { kind: 'skip', reason: 'revoked', detail: `job ${command.id} is revoked` };
    if (current !== undefined && current !== command.version) {
      return { kind: 'skip', reason: 'version_changed', detail: `job ${command.id} is at version ${current}, this is ${command.version}` };
    }
  } catch (error) {
    const { staleness } = command;
    if (staleness?.mode === 'strict' && staleFor > staleness.max_cache_age_secs * 1000) {
      return { kind: 'skip', reason: 'stale', detail: `whether job ${command.id} may run could not be read: ${(error as Error).message}` };
    }
  }
  return GO;
}
