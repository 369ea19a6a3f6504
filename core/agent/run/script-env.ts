import { isPowerShell } from '#core/contract/command.ts';
import type { ScriptRequest } from './script.ts';

/** What is the agent's own business and would change how a script's programs behave. */
const NOT_FOR_SCRIPTS = /^(?:KANADE_.*|NODE_OPTIONS|NODE_PATH)$/i;

/** The variables that a script has beyond those of its account. */
export function setForScript({ shell, env = {} }: Pick<ScriptRequest, 'shell' | 'env'>): string[] {
  return [...(isPowerShell(shell) ? ['NO_COLOR'] : []), ...Object.keys(env), 'KANADE_RESULT_ID'];
}

/** The environment of a script. `windows`: names are the same whatever their case. */
export function scriptEnv(
  own: NodeJS.ProcessEnv,
  request: Pick<ScriptRequest, 'shell' | 'resultId' | 'env'>,
  windows: boolean,
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  const set = (name: string, value: string | undefined): void => {
    if (windows) for (const key of Object.keys(env)) if (key.toUpperCase() === name.toUpperCase()) delete env[key];
    env[name] = value;
  };
  for (const [name, value] of Object.entries(own)) if (!NOT_FOR_SCRIPTS.test(name)) set(name, value);
  if (isPowerShell(request.shell)) {
    set('NO_COLOR', '1');
    // Inherited from another edition of PowerShell it hides this one's own modules; without it each makes its own.
    if (windows) for (const name of Object.keys(env)) if (/^PSModulePath$/i.test(name)) delete env[name];
  }
  for (const [name, value] of Object.entries(request.env ?? {})) set(name, value);
  set('KANADE_RESULT_ID', request.resultId);
  return env;
}
