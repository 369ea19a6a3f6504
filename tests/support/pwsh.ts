import { findOnPath } from '#core/process/find-on-path.ts';

/**
 * The absolute path of pwsh, for tests that need a real PowerShell. Without one they are skipped, and it is said
 * aloud; with KANADE_REQUIRE_PWSH=1 its absence is a failure.
 */
export const PWSH: string | undefined = await findOnPath(process.platform === 'win32' ? 'pwsh.exe' : 'pwsh', process.env.PATH);

if (PWSH === undefined) {
  const message = 'pwsh is not on PATH: the tests that need PowerShell';
  if (process.env.KANADE_REQUIRE_PWSH === '1') throw new Error(`${message} cannot run, and KANADE_REQUIRE_PWSH=1 asks for them`);
  process.stderr.write(`\n*** ${message} ARE SKIPPED ***\n\n`);
}
