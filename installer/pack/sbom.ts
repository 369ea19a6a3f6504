import { guidOf } from '../msi/guid.ts';
import { npm } from './npm.ts';
import { ROOT } from './root.ts';

/** What the product is made of, as CycloneDX has it: the packages of package-lock.json without those that are only for building. */
export async function sbom(at: Date): Promise<string> {
  const bom = JSON.parse(await npm(['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only', '--omit', 'dev'], ROOT)) as Bom;
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
