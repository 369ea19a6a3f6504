import { execFileSync } from 'node:child_process';
import { win32 } from 'node:path';

/**
 * What reg.exe prints of the 64-bit registry; nothing where there is no such key or value. Waits for it: not for what is done often.
 */
export function registryCommand(env: NodeJS.ProcessEnv, ...args: string[]): string {
  const program = win32.join(env.SystemRoot ?? 'C:\\Windows', 'System32', 'reg.exe');
  try {
    return execFileSync(program, [...args, '/reg:64'], {
      encoding: 'utf8',
      windowsHide: true,
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch (error) {
    // It says in no other way that there is none.
    if ((error as { status?: unknown }).status === 1) return '';
    throw error;
  }
}
