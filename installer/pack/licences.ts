import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT } from './root.ts';

const MODULES = join(ROOT, 'node_modules');
const RULE = '='.repeat(80);

/**
 * What the licences of all that is installed with us want to be passed on: of the packages, by their folders below node_modules, and of
 * what else there is.
 */
export async function thirdPartyLicences(packages: readonly string[], others: readonly string[]): Promise<string> {
  const node = await readFile(join(MODULES, `node-linux-${process.arch}`, 'LICENSE'), 'utf8');
  const texts = await Promise.all([...packages].sort().map(licenceOf));
  return [`Node.js\n\n${node.trim()}`, ...others, ...texts].map((text) => `${RULE}\n${text}\n`).join('\n');
}

/** Of the C library that kanade-host.exe has in it, as Debian's package has it. */
export async function mingwLicence(): Promise<string> {
  const text = await readFile('/usr/share/doc/mingw-w64-x86-64-dev/copyright', 'utf8');
  return `mingw-w64, in kanade-host.exe\n\n${text.trim()}`;
}

async function licenceOf(name: string): Promise<string> {
  const folder = join(MODULES, name);
  const { version, license, author } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
  const by = typeof author === 'object' ? author.name : author;
  const about = `${name} ${version} (${license ?? 'see below'})`;
  const file = (await readdir(folder)).sort().find((each) => /^(?:licen[cs]e|copying)/i.test(each));
  if (file !== undefined) return `${about}\n\n${(await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n').trim()}`;
  // Some packages name their licence and do not bring its text.
  if (license === undefined) throw new Error(`${name} says nothing of its licence`);
  return `${about}\n\nCopyright ${by ?? `the authors of ${name}`}, under the ${license} licence.`;
}

interface Manifest {
  version: string;
  license?: string;
  author?: string | { name: string };
}
