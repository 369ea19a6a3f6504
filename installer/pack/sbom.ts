import { guidOf } from '../msi/guid.ts';
import { EDGE } from './edge.ts';
import { npm } from './npm.ts';
import { ROOT } from './root.ts';

/** What the product is made of, as CycloneDX has it: the packages of package-lock.json without those that are only for building, and what `edge.ts` fetches. */
export async function sbom(at: Date): Promise<string> {
  const bom = JSON.parse(await npm(['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', '--omit', 'dev'], ROOT)) as Bom;
  bom.components.push(edgeComponent());
  // npm names it after the folder, by the clock and by chance.
  bom.metadata.component.name = 'kanade';
  bom.metadata.timestamp = at.toISOString();
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
