import type { BrokerTrust } from '../identity/identity.ts';
import { trustConfig } from './trust-config.ts';

/** What an admin puts into the configuration of each server of a broker of their own (`--write-broker-config`). */
export function externalConfig(trust: BrokerTrust): string {
  return `# Kanade: into the configuration of each nats-server (2.10.23 or newer) that is to carry it. Nothing in here is secret.
#
# Beside it each server needs a server_name of its own, and:
#   jetstream { store_dir: "/var/lib/nats/jetstream", sync_interval: always }
#   tls { cert_file: ..., key_file: ... }
#   cluster { name: kanade, listen: ..., routes: [...] }     for three servers or more
# A JetStream domain, leaf nodes, websockets and MQTT are not used: leave them out.
#
# Once a server has taken the accounts from here it keeps them in the folder named below, and the backends tell it what changes:
# a copy of this text need not be brought up to date, but for the operator.

${trustConfig(trust, '/var/lib/nats/kanade-accounts')}
`;
}
