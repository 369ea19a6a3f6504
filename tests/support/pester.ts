import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCommand } from '#core/process/run-command.ts';
import { TestKanade } from './kanade.ts';
import { PWSH } from './pwsh.ts';
import { until } from './until.ts';

const ALL = join(import.meta.dirname, '../pester');
const MODULE = join(import.meta.dirname, '../../Kanade.psd1');

interface PesterTest {
  name: string;
  result: string;
  message: string;
}

const FIND = `Get-Module -ListAvailable -Name Pester, PSScriptAnalyzer | Sort-Object Version | ForEach-Object { "$($_.Name) $($_.Version)" }`;

type Folder = 'Unit' | 'Quality' | 'Integration';

/**
 * Every test of a folder of `tests/pester` under one major version of Pester as a test of the calling file. Those of Integration
 * run against a broker, a backend, a PC that is online, one that is off, and two that wait for an admin. What cannot run, for pwsh or one of its modules is missing, is skipped, test by
 * test and aloud; with KANADE_REQUIRE_PWSH=1 it fails.
 */
export async function pesterTests(major: '5' | '6', folder: Folder): Promise<void> {
  const found = PWSH === undefined ? [] : (await runCommand(PWSH, ['-NoProfile', '-Command', FIND])).stdout.split(/\r?\n/);
  const version = found.findLast((line) => line.startsWith(`Pester ${major}.`))?.split(' ')[1];
  const missing = [
    ...(PWSH === undefined ? ['pwsh'] : []),
    ...(version === undefined ? [`Pester ${major}`] : []),
    ...(folder === 'Quality' && !found.some((line) => line.startsWith('PSScriptAnalyzer ')) ? ['PSScriptAnalyzer'] : []),
  ];
  if (missing.length > 0 && process.env.KANADE_REQUIRE_PWSH === '1') {
    throw new Error(`KANADE_REQUIRE_PWSH=1 asks for the tests of the PowerShell module, and there is no ${missing.join(', no ')}`);
  }
  const unseen = version === undefined ? await namesInFiles(folder) : [];
  if (missing.length > 0) {
    const what = unseen.length > 0 ? `${unseen.length} tests of the PowerShell module` : 'the analysis of the PowerShell module';
    process.stderr.write(`\n*** there is no ${missing.join(', no ')}: ${what} ARE SKIPPED (${folder}, Pester ${major}) ***\n\n`);
  }
  for (const name of unseen) test.skip(`Pester ${major}: ${name}`, () => {});
  if (version === undefined) return;
  // What the analyzer finds does not depend on who asks.
  const without = major === '6' || missing.includes('PSScriptAnalyzer') ? ['Analyzer'] : [];
  // What can be tried on a Linux only is not there on others: to be skipped would count as failed.
  if (process.platform !== 'linux') without.push('Linux');
  const run = (server?: Server) => runPester({ version, folder, without, server });
  // Once in the clear and once with TLS: whatever the module does over the network, it does over both.
  const ran = folder === 'Integration' ? await withKanade(major === '6', run) : await run();
  for (const { name, result, message } of ran) {
    const title = `Pester ${major}: ${name}`;
    // None is meant to be skipped: on a machine that has all there is no reason to.
    test(title, () => expect(result === 'Passed' ? '' : `${result}\n${message}`).toBe(''));
  }
  test(`Pester ${major}: there are tests`, () => expect(ran.length).toBeGreaterThan(0));
}

interface Server {
  url: string;
  token: string;
  caFile: string | undefined;
}

async function withKanade<T>(tls: boolean, work: (server: Server) => Promise<T>): Promise<T> {
  await using kanade = await TestKanade.start({ identities: true, tls });
  await kanade.readyAgent('pc1', { inventory: { module: MODULE } });
  await kanade.offAgent('pc2');
  await kanade.waitingAgent('pc3');
  await kanade.waitingAgent('pc4');
  await until('PC2 is off', async () => !(await kanade.backend.get('/agents/PC2')).online);
  return await work(kanade.backend);
}

interface Run {
  version: string;
  folder: Folder;
  /** Tags. */
  without: readonly string[];
  server: Server | undefined;
}

async function runPester({ version, folder, without, server }: Run): Promise<PesterTest[]> {
  const dir = await mkdtemp(join(tmpdir(), 'kanade-pester-'));
  try {
    const resultPath = join(dir, 'result.json');
    const args = ['-NoProfile', '-NonInteractive', '-File', join(ALL, 'Invoke-Tests.ps1')];
    args.push('-PesterVersion', version, '-Folder', folder, '-ResultPath', resultPath);
    if (without.length > 0) args.push('-ExcludeTag', without.join(','));
    const env = { ...process.env, NO_COLOR: '1', KANADE_SERVER: server?.url, KANADE_TOKEN: server?.token, KANADE_TLS_CA: server?.caFile };
    // A run with failures ends with 1, and what they are is in the file; without a file what it wrote is all there is.
    const said = await runCommand(PWSH!, args, { env });
    const text = await readFile(resultPath, 'utf8').catch((cause) => {
      throw new Error(`Pester ${version} ended without a result:\n${said.stdout}\n${said.stderr}`, { cause });
    });
    return JSON.parse(text) as PesterTest[];
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** The names of all tests as they are written, for whoever cannot run them. */
async function namesInFiles(folder: Folder): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(join(ALL, folder), { recursive: true })) {
    if (!entry.endsWith('.Tests.ps1')) continue;
    const text = await readFile(join(ALL, folder, entry), 'utf8');
    for (const [, name] of text.matchAll(/^\s*It '((?:[^']|'')*)'/gm)) names.push(`${entry}: ${name!.replaceAll("''", "'")}`);
  }
  return names;
}
