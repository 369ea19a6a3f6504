import { isPowerShell } from '#core/contract/command.ts';
import type { Platform } from '../platform/platform.ts';
import type { ScriptRequest } from './script.ts';

/** Why a script can never run on this PC, in words for an admin; undefined when it can. */
export async function unsupported(platform: Platform, request: ScriptRequest): Promise<string | undefined> {
  const place = await platform.shell(request.shell);
  if ('unsupported' in place) return place.unsupported;
  if (request.runAs === 'user' && platform.host === undefined) return 'this agent cannot run scripts as the logged-on user';
  return unsupportedArguments(request);
}

function unsupportedArguments({ shell, args = [], params = {} }: ScriptRequest): string | undefined {
  if (isPowerShell(shell)) return undefined;
  if (Object.keys(params).length > 0) return 'named parameters work with the PowerShell shells only';
  if (shell === 'cmd' && args.length > 0) return 'cmd cannot take arguments as they are; use env';
  const odd = args.findIndex((arg) => !['string', 'number', 'boolean'].includes(typeof arg));
  return odd < 0 ? undefined : `argument ${odd + 1} is neither text, number nor boolean, and ${shell} knows nothing else`;
}
