import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { ROOT } from './root.ts';

/** What esbuild is to make of each program: one file, and beside it what it loads by path. With the backend comes its broker. */
export interface Bundle {
  /** `agent.mjs` and, for those with native code, the library that it loads. */
  files: { name: string; bytes: Uint8Array }[];
  /** The packages that have become part of it, by their folder below node_modules. */
  packages: string[];
}

/** Which prebuilt library of better-sqlite3 goes with it: one that is exported by that name. */
export type Target = 'win32-x64' | 'linux-x64';

const PROGRAMS = {
  agent: { 'agent.mjs': 'core/agent/main.ts' },
  backend: { 'backend.mjs': 'backend/main.ts', 'projection.mjs': 'backend/projectors/worker.ts', 'broker.mjs': 'backend/broker/main.ts' },
};
export type Program = keyof typeof PROGRAMS;

/** Bundles are ES modules, and some of the packages in them call `require`. */
const BANNER = "import { createRequire as requireOf } from 'node:module';\nconst require = requireOf(import.meta.url);";

/** The same sources give the same bytes: nothing of this machine is in them. Rejects at the first warning. */
export async function bundle(program: Program, target: Target): Promise<Bundle> {
  const made: Bundle = { files: [], packages: [] };
  const packages = new Set<string>();
  for (const [name, entry] of Object.entries(PROGRAMS[program])) {
    const { outputFiles, metafile, warnings } = await build(optionsOf(name, entry, target));
    if (warnings.length > 0) throw new Error(`esbuild warns of ${entry}: ${warnings.map(({ text }) => text).join('; ')}`);
    for (const { path, contents } of outputFiles!) {
      const file = basename(path);
      if (!made.files.some((other) => other.name === file)) made.files.push({ name: file, bytes: contents });
    }
    for (const path of Object.keys(metafile!.inputs)) {
      const [, folder] = /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
      if (folder !== undefined) packages.add(folder);
    }
  }
  made.packages = [...packages].sort();
  return made;
}

function optionsOf(name: string, entry: string, target: Target): BuildOptions {
  return {
    entryPoints: [{ in: entry, out: name.replace(/\.mjs$/, '') }],
    absWorkingDir: ROOT,
    outdir: ROOT,
    outExtension: { '.js': '.mjs' },
    assetNames: '[name]',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    // What a stack trace names is what the source names.
    keepNames: true,
    banner: { js: BANNER },
    loader: { '.node': 'copy' },
    alias: { 'better-sqlite3': `better-sqlite3/${target}` },
    legalComments: 'none',
    logLevel: 'silent',
    plugins: [installed],
  };
}

/** Files lie elsewhere beside a bundle than in a clone. */
const installed: Plugin = {
  name: 'installed',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]core[\\/]installation\.ts$/ }, async () => ({
      contents: await readFile(join(ROOT, 'core', 'installation-of-bundle.ts'), 'utf8'),
      loader: 'ts',
    }));
  },
};
