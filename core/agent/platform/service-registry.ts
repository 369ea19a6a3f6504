import { execFileSync } from 'node:child_process';
import { win32 } from 'node:path';
import { REGISTRY_KEYS, type RegistryText } from '#core/settings/registry.ts';

/** What the registry says to the agent that runs as a service of Windows. Waits for reg.exe, twice: not for what is done often. */
export function serviceRegistry(env: NodeJS.ProcessEnv): RegistryText {
  const { machine, policy } = REGISTRY_KEYS.agent;
  return { machine: reg(env, 'query', `HKLM\\${machine}`), policy: reg(env, 'query', `HKLM\\${policy}`) };
}

/** The token has done what it was for: it is a secret, and the registry keeps no secrets. */
export function forgetToken(env: NodeJS.ProcessEnv): void {
  reg(env, 'delete', `HKLM\\${REGISTRY_KEYS.agent.machine}`, '/v', 'EnrolmentToken', '/f');
}

/** What it prints; nothing where there is no such key or value. */
function reg(env: NodeJS.ProcessEnv, ...args: string[]): string {
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
