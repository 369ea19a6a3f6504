import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { flagOf, LASTING_SETTINGS, type Program, SETTINGS, SETTINGS_VARIABLE, TEST_VARIABLES, variableOf } from './table.ts';
import { withoutSecrets } from './without-secrets.ts';

/** Where values come from, those that win last. */
export const SOURCES = ['default', 'file', 'installation', 'environment', 'flag', 'policy'] as const;
export type Source = (typeof SOURCES)[number];

/** A value somebody gave a setting, and where, also in words for a message. */
export interface Given {
  key: string;
  value: unknown;
  source: Source;
  from: string;
  /** What a relative path is relative to. */
  base: string;
}

/** From the command line. `setting_unknown` names a flag this program does not have. */
export function fromFlags(program: Program, argv: readonly string[]): Given[] {
  const mine = SETTINGS.filter((setting) => setting.programs.includes(program));
  const flags = new Map(mine.map((setting) => [flagOf(setting.key), setting]));
  const options = Object.fromEntries(
    [...flags].map(([flag, { switch: isSwitch }]) => [flag, { type: isSwitch ? 'boolean' : 'string' } as const]),
  );
  const { tokens } = parseArgs({ args: [...argv], options: { ...options, settings: { type: 'string' } }, strict: false, tokens: true });
  const given: Given[] = [];
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional')
      throw new KanadeError('setting_unknown', `${withoutSecrets(token.value)}: not a setting; settings are given as --name value`);
    const setting = flags.get(token.name);
    if (setting === undefined && token.name !== 'settings') {
      throw new KanadeError(
        'setting_unknown',
        `${token.rawName}: the ${program} has no such flag (it has ${['settings', ...flags.keys()].map((flag) => `--${flag}`).join(', ')})`,
      );
    }
    if (setting?.switch) {
      if (token.value !== undefined) throw new KanadeError('setting_invalid', `${token.rawName} takes no value`);
      given.push({ key: setting.key, value: true, source: 'flag', from: token.rawName, base: process.cwd() });
    } else {
      // "--data-dir --open": the value was forgotten, and the next flag is not it.
      if (token.value === undefined || (!token.inlineValue && token.value.startsWith('-'))) {
        throw new KanadeError('setting_invalid', `${token.rawName} needs a value`);
      }
      given.push({ key: setting?.key ?? 'settings', value: token.value, source: 'flag', from: token.rawName, base: process.cwd() });
    }
  }
  return given;
}

/** From the environment. An empty variable counts as not set; a KANADE_ variable that no program knows is refused. */
export function fromEnvironment(program: Program, env: NodeJS.ProcessEnv): Given[] {
  const given: Given[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (!/^KANADE_/i.test(name) || !value) continue;
    // Windows keeps the case a variable was made with and does not look at it.
    const folded = process.platform === 'win32' ? name.toUpperCase() : name;
    const setting = LASTING_SETTINGS.find(({ key }) => variableOf(key) === folded);
    if (setting?.programs.includes(program))
      given.push({ key: setting.key, value, source: 'environment', from: name, base: process.cwd() });
    else if (setting === undefined && folded !== SETTINGS_VARIABLE && !TEST_VARIABLES.includes(folded)) {
      throw new KanadeError(
        'setting_unknown',
        `${name}: there is no such variable (there are ${[...LASTING_SETTINGS.map(({ key }) => variableOf(key)), SETTINGS_VARIABLE].join(', ')})`,
      );
    }
  }
  return given;
}

/** From a JSON file, which the programs may share: a key that no program knows is refused. */
export function fromFile(program: Program, path: string): Given[] {
  const file = resolve(path);
  const given: Given[] = [];
  for (const [key, value] of Object.entries(readObject(file))) {
    const setting = LASTING_SETTINGS.find((each) => each.key === key);
    if (setting === undefined) {
      throw new KanadeError(
        'setting_unknown',
        `"${key}" in ${file}: there is no such setting (there are ${LASTING_SETTINGS.map((each) => each.key).join(', ')})`,
      );
    }
    if (setting.programs.includes(program)) given.push({ key, value, source: 'file', from: `"${key}" in ${file}`, base: dirname(file) });
  }
  return given;
}

function readObject(file: string): object {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw new KanadeError('setting_invalid', `the settings file ${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    throw new KanadeError('setting_invalid', `the settings file ${file} must hold one JSON object`);
  }
  return content;
}
