import { registryCommand } from '#core/process/registry-command.ts';
import { isService } from '#core/process/service.ts';
import { REGISTRY_KEYS, type RegistryText } from '#core/settings/registry.ts';

/** What the registry says to broker and backend where they are services of Windows. */
export function serviceRegistry(argv: readonly string[], env: NodeJS.ProcessEnv): RegistryText | undefined {
  if (!isService(argv)) return undefined;
  return { machine: registryCommand(env, 'query', `HKLM\\${REGISTRY_KEYS.backend.machine}`), policy: '' };
}
