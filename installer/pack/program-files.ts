import { readFile } from 'node:fs/promises';
import { RELEASE_KEYS_FILE, releaseKeysText } from '#core/release/release-keys.ts';
import { bundle, type Program, type Target } from './bundle.ts';
import { byName, type PackFile } from './files.ts';
import { thirdPartyLicences } from './licences.ts';
import { ROOT } from './root.ts';

export interface ProgramFiles {
  program: Program;
  target: Target;
  version: string;
  /** The PowerShell module as it is installed; only the agent reads it. */
  module: readonly PackFile[];
  /** Whose releases are believed. */
  releaseKeys?: readonly string[] | undefined;
  /** Licences of what else comes with it. */
  licences?: readonly string[];
}

/** A program with all that it reads by path (core/installation-of-bundle.ts), but for Node. */
export async function programFiles({
  program,
  target,
  version,
  module,
  releaseKeys = [],
  licences = [],
}: ProgramFiles): Promise<PackFile[]> {
  const { files, packages } = await bundle(program, target);
  const own: PackFile[] = [
    ...files,
    textFile(
      'package.json',
      `${JSON.stringify({ name: `kanade-${program}`, version, license: 'MIT', private: true, type: 'module' }, null, 2)}\n`,
    ),
    textFile('THIRD-PARTY-LICENCES.txt', await thirdPartyLicences(packages, licences)),
    { name: 'LICENSE', bytes: await readFile(`${ROOT}/LICENSE`) },
  ];
  if (releaseKeys.length > 0) own.push(textFile(RELEASE_KEYS_FILE, releaseKeysText(releaseKeys)));
  if (program === 'agent') {
    own.push({ name: 'wrapper.ps1', bytes: await readFile(`${ROOT}/core/agent/run/wrapper.ps1`) });
    own.push(...module.map(({ name, bytes }) => ({ name: `module/${name}`, bytes })));
  }
  return own.sort(byName);
}

function textFile(name: string, text: string): PackFile {
  return { name, bytes: new TextEncoder().encode(text) };
}
