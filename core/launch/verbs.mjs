import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inRoot } from './root.mjs';

/** What each script of package.json does; all resolve with an exit code and pass further arguments on. */
export const VERBS = {
  start: program('backend/start.ts'),
  backend: program('backend/main.ts'),
  broker: program('backend/broker/main.ts'),
  agent: program('core/agent/main.ts'),
  bench: program('tests/bench/main.ts'),
  fuzz: program('tests/fuzz/main.ts'),
  pack: program('installer/pack/main.ts'),
  openapi: program('backend/http/write-openapi.ts'),
  check,
  test,
};

function program(path, ...always) {
  return ({ launcher, node, args }) => launcher.run(node, [inRoot(path), ...always, ...args]);
}

function tool({ launcher, node }, path, args) {
  const endWithUs = pathToFileURL(inRoot('core/launch/end-with-launcher.mjs'));
  endWithUs.searchParams.set('parent', String(process.pid));
  return launcher.run(node, ['--import', endWithUs.href, inRoot(path), ...args]);
}

/** All of it, so that one run tells everything that is wrong. */
async function check(context) {
  const codes = [
    await tool(context, 'node_modules/typescript/bin/tsc', ['-p', '.']),
    await tool(context, 'node_modules/@biomejs/biome/bin/biome', ['check', '.']),
    await program('backend/http/write-openapi.ts', '--check')({ ...context, args: [] }),
  ];
  return codes.find((code) => code !== 0) || 0;
}

async function test(context) {
  if (!haveTools()) return 1;
  const failed = (await check(context)) || (await program('backend/broker/set-up.ts')({ ...context, args: [] }));
  return failed || tool(context, 'node_modules/vitest/vitest.mjs', ['run', ...context.args]);
}

/** False when the run must not go on. Both, so that one run tells everything that is missing. */
function haveTools() {
  const pwsh = have(process.platform === 'win32' ? 'pwsh.exe' : 'pwsh', 'KANADE_REQUIRE_PWSH', 'the PowerShell tests');
  // What compiles them comes with it, or the tests say what lacks.
  const wine = have('wine', 'KANADE_REQUIRE_WINE', 'the tests that run programs for Windows');
  return pwsh && wine;
}

function have(exe, variable, tests) {
  const folders = (process.env.PATH || process.env.Path || '').split(delimiter);
  if (folders.some((folder) => folder !== '' && existsSync(join(folder, exe)))) return true;
  const required = process.env[variable] === '1';
  const rule = '*'.repeat(80);
  console.error(`${rule}\n*** ${exe} is not on PATH: ${required ? `${variable}=1 asks for it` : `${tests} are SKIPPED`}\n${rule}`);
  return !required;
}
