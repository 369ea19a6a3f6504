import type { BrokerTrust } from '../identity/identity.ts';

/**
 * The part of a server's configuration by which it trusts an operator. The resolver is the full one: with any other nothing
 * can be revoked while the server runs.
 */
export function trustConfig(trust: BrokerTrust, resolverDir: string): string {
  return [
    `operator: ${trust.operator}`,
    `system_account: ${trust.systemAccount}`,
    'resolver {',
    '  type: full',
    `  dir: ${JSON.stringify(resolverDir)}`,
    '  allow_delete: true',
    '}',
    'resolver_preload {',
    ...Object.entries(trust.preload).map(([account, jwt]) => `  ${account}: ${jwt}`),
    '}',
  ].join('\n');
}
