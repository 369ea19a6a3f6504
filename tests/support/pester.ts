import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '#core/process/run-command.ts';
import { PWSH } from './pwsh.ts';

const RUNNER = join(import.meta.dirname, '../pester/Invoke-Tests.ps1');

/** The module is tested under each of these; which of its versions is the machine's. */
export const PESTER_MAJORS = ['5', '6'] as const;

export interface PesterRun {
  result: string;
  passed: number;
  failed: number;
  skipped: number;
  failures: { name: string; message: string }[];
}

const FIND = `Get-Module -ListAvailable -Name Pester, PSScriptAnalyzer | Sort-Object Version | ForEach-Object { "$($_.Name) $($_.Version)" }`;
const found = PWSH === undefined ? [] : (await runCommand(PWSH, ['-NoProfile', '-Command', FIND])).stdout.split(/\r?\n/);

/** The newest of a major version; undefined without one. */
export function pesterVersion(major: string): string | undefined {
  return found
    .filter((line) => line.startsWith(`Pester ${major}.`))
    .at(-1)
    ?.split(' ')[1];
}

export const ANALYZER: boolean = found.some((line) => line.startsWith('PSScriptAnalyzer '));

// What is said of a missing pwsh goes for its modules too.
const missing = [
  ...PESTER_MAJORS.filter((major) => pesterVersion(major) === undefined).map((major) => `Pester ${major}`),
  ...(ANALYZER ? [] : ['PSScriptAnalyzer']),
];
if (PWSH !== undefined && missing.length > 0) {
  const message = `${missing.join(' and ')} cannot be found by pwsh: the tests of the PowerShell module that need it`;
  if (process.env.KANADE_REQUIRE_PWSH === '1') throw new Error(`${message} cannot run, and KANADE_REQUIRE_PWSH=1 asks for them`);
  process.stderr.write(`\n*** ${message} ARE SKIPPED ***\n\n`);
}

/** Runs all Pester tests; `server` is what those against a backend talk to. */
export async function runPester(version: string, server: { url: string; token: string }): Promise<PesterRun> {
  const dir = await mkdtemp(join(tmpdir(), 'kanade-pester-'));
  try {
    const resultPath = join(dir, 'result.json');
    const args = ['-NoProfile', '-NonInteractive', '-File', RUNNER, '-PesterVersion', version, '-ResultPath', resultPath];
    if (!ANALYZER) args.push('-ExcludeTag', 'Analyzer');
    const env = { ...process.env, NO_COLOR: '1', KANADE_SERVER: server.url, KANADE_TOKEN: server.token };
    // A run with failures ends with 1, and what they are is in the file; without a file what it wrote is all there is.
    const said = await runCommand(PWSH!, args, { env });
    const text = await readFile(resultPath, 'utf8').catch((cause) => {
      throw new Error(`Pester ${version} ended without a result:\n${said.stdout}\n${said.stderr}`, { cause });
    });
    return JSON.parse(text) as PesterRun;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
