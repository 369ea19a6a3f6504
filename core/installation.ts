import { dirname, join } from 'node:path';

/**
 * What the programs read by path, as it lies in the clone. What is installed is bundles, and in those installation-of-bundle.ts
 * stands in for this file (installer/pack/bundle.ts).
 */
const ROOT = dirname(import.meta.dirname);

/** Its `version` is the product's. */
export const PACKAGE = join(ROOT, 'package.json');
export const WRAPPER = join(ROOT, 'core', 'agent', 'run', 'wrapper.ps1');
/** What a new PC runs to install the agent (backend/install/install-script.ts). */
export const INSTALL_SCRIPT = join(ROOT, 'backend', 'install', 'install.ps1');
/** The PowerShell module. */
export const MODULE = join(ROOT, 'Kanade.psd1');
/** kanade-host.exe: none in a clone. */
export const HOST: string | undefined = undefined;
/** Who signs the releases that are believed: none in a clone (core/release/release-keys.ts). */
export const RELEASE_KEYS = join(ROOT, 'release-keys.json');
/** .NET for the agent, and what of ours it runs (core/agent/platform/native-library.ts): none in a clone. */
export const NATIVE: string | undefined = undefined;
/** The thread of the backend that writes the projection. */
export const PROJECTION = join(ROOT, 'backend', 'projectors', 'worker.ts');
/** nats-server: none in a clone, where it is looked for. */
export const NATS_SERVER: string | undefined = undefined;
/** Where data goes that nobody has given a place. */
export const DATA = join(ROOT, '.kanade');
