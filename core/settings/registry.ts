import type { Given } from './sources.ts';
import { LASTING_SETTINGS, type Program } from './table.ts';

/** What `reg.exe query` prints of the two keys that a service reads its settings from; empty where there is no such key. */
export interface RegistryText {
  /** What the installation was given. */
  machine: string;
  /** What Group Policy says. */
  policy: string;
}

/** Below HKEY_LOCAL_MACHINE, by program. */
export const REGISTRY_KEYS = {
  agent: { machine: 'SOFTWARE\\Kanade\\Agent', policy: 'SOFTWARE\\Policies\\Kanade\\Agent' },
  /** Broker and backend, which have to be told the same. No policy is for them. */
  backend: { machine: 'SOFTWARE\\Kanade\\Backend' },
} as const;

/**
 * From what reg.exe printed of a key. An empty value counts as not set, and a name that is no setting is left alone: the installation
 * keeps other things there, and policies may be newer than the program.
 */
export function fromRegistry(program: Program, text: string, source: 'installation' | 'policy'): Given[] {
  const given: Given[] = [];
  let key = '';
  for (const line of text.split(/\r?\n/)) {
    if (/^HKEY_/.test(line)) key = line.trim();
    const [, name, type, value = ''] = /^ {4}(.+?) {4}REG_(SZ|EXPAND_SZ|DWORD) {4}(.*)$/.exec(line) ?? [];
    const setting = LASTING_SETTINGS.find(({ registry }) => registry !== undefined && registry.toLowerCase() === name?.toLowerCase());
    if (setting === undefined || value.trim() === '' || !setting.programs.includes(program)) continue;
    // A number is printed as 0x1.
    const said = type === 'DWORD' ? String(Number(value)) : value.trim();
    given.push({ key: setting.key, value: said, source, from: `${name} in ${key}`, base: 'C:\\' });
  }
  return given;
}
