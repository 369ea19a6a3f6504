import { guidOf } from '../msi/guid.ts';
import type { NatsServerExe } from '../nats-server/nats-server-exe.ts';
import { sha256 } from './files.ts';
import { npm } from './npm.ts';
import { ROOT } from './root.ts';

/**
 * What the product is made of, as CycloneDX has it: the packages of package-lock.json without those that are only for building, and the
 * broker of the backend's package.
 */
export async function sbom(at: Date, natsServer: NatsServerExe): Promise<string> {
  const bom = JSON.parse(await npm(['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', '--omit', 'dev'], ROOT)) as Bom;
  // npm names it after the folder, by the clock and by chance.
  bom.metadata.component.name = 'kanade';
  bom.metadata.timestamp = at.toISOString();
  bom.components.push({
    type: 'application',
    name: 'nats-server',
    version: natsServer.version,
    hashes: [{ alg: 'SHA-256', content: sha256(natsServer.bytes) }],
    licenses: [{ license: { id: 'Apache-2.0' } }],
  });
  bom.serialNumber = `urn:uuid:${guidOf(JSON.stringify(bom.components)).slice(1, -1).toLowerCase()}`;
  return `${JSON.stringify(bom, null, 2)}\n`;
}

interface Bom {
  serialNumber: string;
  metadata: { timestamp: string; component: { name: string } };
  components: unknown[];
}
