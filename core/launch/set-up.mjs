import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { inRoot } from './root.mjs';
import { stampOf } from './stamp.mjs';

const STAMP = 'node_modules/.kanade-stamp';

/** Installs the packages when the lock file or the machine has changed since. Resolves with an exit code. */
export async function setUp(launcher) {
  const wanted = stampOf(readFileSync(inRoot('package-lock.json'), 'utf8'), process.platform, process.arch);
  if (readStamp() === wanted) return 0;
  const npm = findNpm(process.env, process.execPath);
  if (npm === undefined) {
    console.error('npm cannot be found. Run this as `npm start` or `npm test` (in Windows PowerShell: npm.cmd start, npm.cmd test).');
    return 1;
  }
  // `npm ci` empties node_modules first. Windows does not let go of a node.exe that runs, so there an update is an install.
  const command = process.platform === 'win32' && existsSync(inRoot('node_modules')) ? 'install' : 'ci';
  console.log('installing the packages');
  // Both are asked for by name: a machine may be configured to leave either out.
  const code = await launcher.run(process.execPath, [npm, command, '--include=dev', '--include=optional', '--no-audit', '--no-fund']);
  if (code === 0) writeFileSync(inRoot(STAMP), wanted);
  return code;
}

function readStamp() {
  try {
    return readFileSync(inRoot(STAMP), 'utf8');
  } catch {
    return undefined; // never installed
  }
}

/** npm's own program: the one that runs us, else the one beside this Node. Never `npm.cmd`, which needs a shell. */
export function findNpm(env, execPath) {
  const places = [
    ...(/npm-cli\.[cm]?js$/.test(env.npm_execpath || '') ? [env.npm_execpath] : []),
    resolve(dirname(execPath), '../lib/node_modules/npm/bin/npm-cli.js'),
    join(dirname(execPath), 'node_modules/npm/bin/npm-cli.js'),
  ];
  return places.find((path) => existsSync(path));
}
