import { currentPlatform } from '#core/agent/platform/current.ts';
import { processTree } from '#core/agent/platform/platform.ts';

/** How many processes of the script with this result id are there. */
export function aliveUnder(resultId: string): Promise<number> {
  return currentPlatform().alive(processTree(resultId));
}

/** Ends what a script of a test has left behind on purpose. */
export function endAllUnder(resultId: string): Promise<void> {
  return currentPlatform().endTree(processTree(resultId), true);
}
