import { KanadeError } from '#core/contract/errors.ts';
import { findOnPath } from '#core/process/find-on-path.ts';
import { type CommandOutput, runCommand } from '#core/process/run-command.ts';

/** Runs a program of the system, by its name, from an absolute folder of PATH. `broker_missing` when it is in none. */
export async function runTool(
  name: string,
  args: readonly string[],
  options: { cwd?: string; signal?: AbortSignal },
): Promise<CommandOutput> {
  const file = await findOnPath(name, process.env.PATH);
  if (file === undefined) throw new KanadeError('broker_missing', `${name} is in no absolute folder of PATH`);
  return runCommand(file, args, options);
}
