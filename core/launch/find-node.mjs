import { spawnSync } from 'node:child_process';
import { inRoot } from './root.mjs';

const NEEDED = 24;

/** The Node that runs the product, by absolute path: the installed package's own, else this one when it is new enough. */
export function findNode() {
  const os = process.platform === 'win32' ? 'win' : process.platform;
  const exe = process.platform === 'win32' ? 'node.exe' : 'node';
  const folder = `node_modules/node-${os}-${process.arch}`;
  for (const path of [inRoot(`${folder}/bin/${exe}`), inRoot(`${folder}/${exe}`)]) {
    // Asked rather than looked for: it may be made for another libc.
    const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', windowsHide: true });
    if (isNewEnough(stdout || '')) return path;
  }
  return isNewEnough(process.version) ? process.execPath : undefined;
}

function isNewEnough(version) {
  return Number(/^v(\d+)\./.exec(version)?.[1]) >= NEEDED;
}
