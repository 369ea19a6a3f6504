import { runCommand } from '#core/process/run-command.ts';
import { findNpm } from '../../core/launch/set-up.mjs';

/** Runs npm, with whatever registry it is set to; gives what it prints. */
export async function npm(args: readonly string[], cwd: string): Promise<string> {
  const program = findNpm(process.env, process.execPath);
  if (program === undefined) throw new Error('npm cannot be found: run this by npm');
  const { code, stdout, stderr } = await runCommand(process.execPath, [program, ...args, '--loglevel', 'error'], { cwd });
  if (code !== 0) throw new Error(`npm ${args[0]} failed (${code ?? 'killed'}): ${stderr.trim()}`);
  return stdout;
}
