import { join } from 'node:path';
import { isId } from '#core/contract/ids.ts';
import { processTree } from '../platform/platform.ts';
import { type EndTreeDeps, endTree } from './end-tree.ts';
import { listRunFolders, PID_FILE, readIfThere, readPidRecord, removeRunFolder, runFolder } from './run-folder.ts';
import { RUN_TIMINGS, type RunTimings } from './timings.ts';

export interface LeftoverDeps extends Omit<EndTreeDeps, 'timings'> {
  /** `<data>/run`. */
  dir: string;
  timings?: RunTimings;
}

/**
 * Ends what an agent that was killed has left running for this result, and deletes its folder; fine with nothing there.
 * The process on record counts only while its start time is the same, for pids come back; whatever carries the marker
 * in its environment belongs to the script anyway, also when the crash came before the record was written.
 */
export async function endLeftover(deps: LeftoverDeps, resultId: string): Promise<void> {
  const tools = { ...deps, timings: deps.timings ?? RUN_TIMINGS };
  const folder = runFolder(deps.dir, resultId);
  // What kanade-host runs has no record, and ended with the agent.
  if (deps.platform.host !== undefined && (await readIfThere(join(folder, PID_FILE))) === undefined)
    return removeRunFolder(folder, deps.log);
  const record = await readPidRecord(folder);
  const still = record !== undefined && (await deps.platform.startOf(record.pid)) === record.start;
  if (await endTree(tools, processTree(resultId, still ? record.pid : undefined))) await removeRunFolder(folder, deps.log);
  else deps.log.warn({ result_id: resultId }, 'a script that an earlier agent left running cannot be ended');
}

/**
 * Clears what is in the run folder at the start of an agent. A folder with a pid record belongs to a script that was
 * running or had been abandoned: that is ended. Any other was only waiting to be deleted, or its script is known to the
 * ledger as launching, and `endLeftover` was called for it before.
 */
export async function clearLeftovers(deps: LeftoverDeps): Promise<void> {
  for (const name of await listRunFolders(deps.dir)) {
    if (!isId(name)) continue;
    const folder = runFolder(deps.dir, name);
    if ((await readIfThere(join(folder, PID_FILE))) === undefined) await removeRunFolder(folder, deps.log);
    else await endLeftover(deps, name);
  }
}
