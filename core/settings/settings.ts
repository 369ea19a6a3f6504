import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { define, optional, type Struct, type } from 'superstruct';
import { KanadeError } from '#core/contract/errors.ts';
import { foldPcId, isId } from '#core/contract/ids.ts';
import { assertLoopback, type Listen, parseListen } from './listen.ts';
import { fromEnvironment, fromFile, fromFlags, type Given } from './sources.ts';
import { asBoolean, type LogLevel, type Program, parseInterval, SETTINGS } from './table.ts';

interface CommonSettings {
  /** No identities yet: always true, or the program refused to start. */
  readonly open: true;
  /** Absolute. Holds `broker/`, `backend/`, `agent/`, `admin.token`. */
  readonly dataDir: string;
  readonly logLevel: LogLevel;
}

export interface BackendSettings extends CommonSettings {
  readonly listen: Listen;
  /** One or more nats:// URLs, separated by commas. */
  readonly nats: string;
  /** Make an admin token in place of the one there is. */
  readonly newAdminToken: boolean;
}

export interface AgentSettings extends CommonSettings {
  readonly nats: string;
  /** Folded to upper case. */
  readonly pcId: string;
  /** Seconds between two collections of the inventory; undefined = only when somebody asks. */
  readonly inventoryInterval: number | undefined;
}

export interface StartSettings extends CommonSettings {
  readonly listen: Listen;
  /** The broker to use; undefined = start one at `brokerListen`. */
  readonly nats: string | undefined;
  readonly brokerListen: Listen;
  readonly pcId: string;
  readonly inventoryInterval: number | undefined;
  readonly newAdminToken: boolean;
}

const ROOT = dirname(dirname(import.meta.dirname));
const DEFAULTS = {
  data_dir: join(ROOT, '.kanade'),
  listen: '127.0.0.1:8480',
  nats: 'nats://127.0.0.1:4222',
  broker_listen: '127.0.0.1:4222',
  log_level: 'info',
  inventory_interval: '4h',
};

/** What the backend runs with. `argv` without node and script. Refuses by name what it does not know or cannot use. */
export function backendSettings(argv: readonly string[], env: NodeJS.ProcessEnv): BackendSettings {
  const given = read('backend', argv, env);
  const nats = brokerUrl(given) ?? DEFAULTS.nats;
  return Object.freeze({ ...common(given), listen: loopback(given, 'listen'), nats, newAdminToken: given.has('new_admin_token') });
}

export function agentSettings(argv: readonly string[], env: NodeJS.ProcessEnv): AgentSettings {
  const given = read('agent', argv, env);
  return Object.freeze({
    ...common(given),
    nats: brokerUrl(given) ?? DEFAULTS.nats,
    pcId: pcId(given),
    inventoryInterval: inventoryInterval(given),
  });
}

export function startSettings(argv: readonly string[], env: NodeJS.ProcessEnv): StartSettings {
  const given = read('start', argv, env);
  return Object.freeze({
    ...common(given),
    listen: loopback(given, 'listen'),
    nats: brokerUrl(given),
    brokerListen: loopback(given, 'broker_listen'),
    pcId: pcId(given),
    inventoryInterval: inventoryInterval(given),
    newAdminToken: given.has('new_admin_token'),
  });
}

type Chosen = ReadonlyMap<string, Given>;

/** Later sources win: the settings file, then the environment, then the flags. */
function read(program: Program, argv: readonly string[], env: NodeJS.ProcessEnv): Chosen {
  const flags = fromFlags(program, argv);
  const variables = fromEnvironment(program, env);
  const file = flags.findLast(({ key }) => key === 'settings')?.value ?? env.KANADE_SETTINGS;
  const stated = file ? fromFile(program, String(file)) : [];
  const chosen = new Map([...stated, ...variables, ...flags].map((given) => [given.key, given]));
  chosen.delete('settings');
  const [error] = STRUCTS[program].validate(Object.fromEntries([...chosen].map(([key, { value }]) => [key, value])));
  if (error) {
    const faults = error
      .failures()
      .map(({ key, message }) => `${chosen.get(key)?.from ?? key} ${message}, not ${JSON.stringify(chosen.get(key)?.value)}`);
    throw new KanadeError('setting_invalid', faults.join('; '));
  }
  return chosen;
}

const STRUCTS: Record<Program, Struct<Record<string, unknown>, unknown>> = {
  backend: structOf('backend'),
  agent: structOf('agent'),
  start: structOf('start'),
};

function structOf(program: Program): Struct<Record<string, unknown>, unknown> {
  const fields = SETTINGS.filter((setting) => setting.programs.includes(program)).map(
    ({ key, fault }) => [key, optional(define<unknown>(key, (value) => fault(value) ?? true))] as const,
  );
  return type(Object.fromEntries(fields)) as unknown as Struct<Record<string, unknown>, unknown>;
}

function text(given: Chosen, key: keyof typeof DEFAULTS): string {
  return String(given.get(key)?.value ?? DEFAULTS[key]);
}

function common(given: Chosen): CommonSettings {
  if (!asBoolean(given.get('open')?.value)) {
    throw new KanadeError('not_open', 'identities are not set up: say --open (or KANADE_OPEN=1) to run anonymously, on loopback only');
  }
  const dataDir = text(given, 'data_dir');
  return { open: true, dataDir: resolve(given.get('data_dir')?.base ?? ROOT, dataDir), logLevel: text(given, 'log_level') as LogLevel };
}

function inventoryInterval(given: Chosen): number | undefined {
  return parseInterval('inventory_interval', text(given, 'inventory_interval'));
}

function loopback(given: Chosen, key: 'listen' | 'broker_listen'): Listen {
  const listen = parseListen(text(given, key))!;
  assertLoopback(given.get(key)?.from ?? key, listen);
  return Object.freeze(listen);
}

function brokerUrl(given: Chosen): string | undefined {
  const nats = given.get('nats');
  for (const url of nats === undefined ? [] : String(nats.value).split(',')) {
    const { hostname: host, port } = new URL(url);
    assertLoopback(nats!.from, { host: host.replace(/^\[|\]$/g, ''), port: Number(port || 4222) });
  }
  return nats === undefined ? undefined : String(nats.value);
}

/** The computer's name unless one is given: its first label, for some systems report the domain with it. */
function pcId(given: Chosen): string {
  const named = given.get('pc_id')?.value;
  if (named !== undefined) return foldPcId(String(named));
  const [label] = hostname().split('.');
  if (!isId(label))
    throw new KanadeError('setting_invalid', `the computer name ${JSON.stringify(label)} is no id: give one with --pc-id or KANADE_PC_ID`);
  return foldPcId(label);
}
