import { join } from 'node:path';

/** What the programs read by path, as it lies beside the bundles. The same names as in installation.ts. */
const ROOT = import.meta.dirname;

export const PACKAGE = join(ROOT, 'package.json');
export const WRAPPER = join(ROOT, 'wrapper.ps1');
export const INSTALL_SCRIPT = join(ROOT, 'install.ps1');
export const MODULE = join(ROOT, 'module', 'Kanade.psd1');
export const HOST = process.platform === 'win32' ? join(ROOT, 'kanade-host.exe') : undefined;
export const RELEASE_KEYS = join(ROOT, 'release-keys.json');
export const NATIVE = process.platform === 'win32' ? join(ROOT, 'native') : undefined;
export const PROJECTION = join(ROOT, 'projection.mjs');
export const NATS_SERVER = join(ROOT, process.platform === 'win32' ? 'nats-server.exe' : 'nats-server');
export const DATA = process.platform === 'win32' ? join(process.env.ProgramData ?? 'C:\\ProgramData', 'Kanade') : '/var/lib/kanade';
