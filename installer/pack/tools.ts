import { findOnPath } from '#core/process/find-on-path.ts';

/** What `npm run pack` runs, and where it is had. What of it Debian has .ci/install-tools knows, too, for the tests. */
const TOOLS = {
  'x86_64-w64-mingw32-gcc': 'gcc-mingw-w64-x86-64',
  'x86_64-w64-mingw32-windres': 'binutils-mingw-w64-x86-64',
  'x86_64-w64-mingw32-windmc': 'binutils-mingw-w64-x86-64',
  wixl: 'wixl',
  msibuild: 'msitools',
  msiinfo: 'msitools',
  tar: 'tar',
  gzip: 'gzip',
  unzip: 'unzip',
  git: 'git',
  pwsh: 'powershell, from packages.microsoft.com',
  dotnet: 'dotnet-sdk-10.0, from packages.microsoft.com',
};

/** Names all that is missing, before anything is made. */
export async function assertTools(signs: boolean): Promise<void> {
  const wanted = Object.entries({ ...TOOLS, ...(signs ? { osslsigncode: 'osslsigncode' } : {}) });
  const missing: string[] = [];
  for (const [tool, debianPackage] of wanted)
    if ((await findOnPath(tool, process.env.PATH)) === undefined) missing.push(`${tool} (package ${debianPackage})`);
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('packing needs Linux on x64; on Windows that is WSL');
  if (missing.length > 0) throw new Error(`packing needs what is not on PATH: ${missing.join(', ')}`);
}
