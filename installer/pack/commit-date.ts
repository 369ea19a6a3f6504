import { runCommand } from '#core/process/run-command.ts';
import { ROOT } from './root.ts';

/** How old everything that is packed is: SOURCE_DATE_EPOCH, else the date of the commit. */
export async function commitDate(env: NodeJS.ProcessEnv): Promise<Date> {
  const { stdout } = env.SOURCE_DATE_EPOCH
    ? { stdout: env.SOURCE_DATE_EPOCH }
    : await runCommand('git', ['log', '-1', '--format=%ct'], { cwd: ROOT });
  if (!/^\d+\s*$/.test(stdout)) throw new Error('this is no clone with a commit: say how old the files are to be by SOURCE_DATE_EPOCH');
  // A cabinet counts in steps of two seconds.
  return new Date(Math.floor(Number(stdout) / 2) * 2000);
}
