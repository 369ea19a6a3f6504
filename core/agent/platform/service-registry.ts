import { registryCommand } from '#core/process/registry-command.ts';
import { REGISTRY_KEYS, type RegistryText } from '#core/settings/registry.ts';

/** What the registry says to the agent that runs as a service of Windows. Waits for reg.exe, twice: not for what is done often. */
export function serviceRegistry(env: NodeJS.ProcessEnv): RegistryText {
  const { machine, policy } = REGISTRY_KEYS.agent;
  return {
    machine: registryCommand(env, 'query', `HKLM\\${machine}`),
    policy: registryCommand(env, 'query', `HKLM\\${policy}`),
  };
}

/** The token has done what it was for: it is a secret, and the registry keeps no secrets. */
export function forgetToken(env: NodeJS.ProcessEnv): void {
  registryCommand(env, 'delete', `HKLM\\${REGISTRY_KEYS.agent.machine}`, '/v', 'EnrolmentToken', '/f');
}
