import { guidOf } from '../msi/guid.ts';
import type { NatsServerExe } from '../nats-server/nats-server-exe.ts';
import { EDGE } from './edge.ts';
import { sha256 } from './files.ts';
import { npm } from './npm.ts';
import { ROOT } from './root.ts';

/**
 * What the product is made of, as CycloneDX has it: the packages of package-lock.json without those that are only for building, what
 * `edge.ts` fetches, and the broker of the backend's package.
 */
export async function sbom(at: Date, natsServer: NatsServerExe): Promise<string> {
  const bom = JSON.parse(await npm(['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', '--omit', 'dev'], ROOT)) as Bom;
  bom.components.push(edgeComponent());
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

function edgeComponent(): unknown {
  const { name, version, integrity } = EDGE;
  return {
    'bom-ref': `${name}@${version}`,
    type: 'library',
    name,
    version,
    scope: 'optional',
    purl: `pkg:npm/${name}@${version}`,
    hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.replace('sha512-', ''), 'base64').toString('hex') }],
    licenses: [{ license: { id: 'MIT' } }],
  };
}
