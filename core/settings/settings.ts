import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { foldPcId, isId } from '#core/contract/ids.ts';
import { DATA } from '#core/installation.ts';
import { assertLoopback, hostPort, isLoopback, type Listen, parseListen, reachable, speaksTls } from './listen.ts';
import { fromRegistry, type RegistryText } from './registry.ts';
import { fromEnvironment, fromFile, fromFlags, type Given } from './sources.ts';
import { asBoolean, type LogLevel, type Program, parseGroups, parseInterval, SETTINGS } from './table.ts';
import { shownValue } from './without-secrets.ts';

interface CommonSettings {
  /** Without identities: anybody on this machine is a PC or a backend. For development, and asked for by name. */
  readonly open: boolean;
  /** Absolute. Holds `broker/`, `backend/`, `agent/`, `admin.token`. */
  readonly dataDir: string;
  readonly logLevel: LogLevel;
}

/** How what listens here proves who it is, and what it checks others against. Paths are absolute. */
export interface TlsSettings {
  /** `auto`: wherever others can reach what listens. */
  readonly mode: 'on' | 'auto';
  /** A certificate that somebody supplied, with its key; undefined = one of our own CA. */
  readonly files: { readonly cert: string; readonly key: string } | undefined;
  /** PEM of the CA that broker and API are checked against; undefined = our own, or what the machine trusts. */
  readonly ca: string | undefined;
  /** By which names and addresses others call this machine, besides those that it knows of itself; the first is the one they are told. */
  readonly publicNames: readonly string[];
}

export interface BackendSettings extends CommonSettings {
  readonly listen: Listen;
  readonly tls: TlsSettings;
  /** One or more nats:// or tls:// URLs, separated by commas; undefined = where the data folder says, or on this machine. */
  readonly nats: string | undefined;
  /** What PCs are told to connect to, where that is not `nats` under the public name. */
  readonly brokerUrl: string | undefined;
  /** The list of those whose releases are taken; undefined = the one that came with this version. Absolute. */
  readonly releaseKeys: string | undefined;
  /** Make an admin token in place of the one there is. */
  readonly newAdminToken: boolean;
  /** Make a command key in place of those there are, and vouch for all that the broker holds. */
  readonly newCommandKey: boolean;
  /** Write down there what a broker of one's own has to be configured with, and no more. Absolute. */
  readonly writeBrokerConfig: string | undefined;
  /** Write down there by what the NATS tools may back up the broker's streams, and no more. Absolute. */
  readonly writeBackupCreds: string | undefined;
  readonly writeRestoreCreds: string | undefined;
  /** Write all keys down there, or take them from there, sealed by a passphrase, and no more. Absolute. */
  readonly exportKeys: string | undefined;
  readonly importKeys: string | undefined;
  /** Its first line is that passphrase. Absolute. */
  readonly passphraseFile: string | undefined;
  /** Join the backends there are, by this code, before anything else. */
  readonly join: { readonly code: string; readonly server: string } | undefined;
}

export interface AgentSettings extends CommonSettings {
  /** Undefined, but in open mode: where the server says. */
  readonly nats: string | undefined;
  /** Where this PC enrols and renews its identity: http(s)://. */
  readonly server: string | undefined;
  readonly enrolmentToken: string | undefined;
  /** Of HTTPS; undefined = what the environment says. */
  readonly proxy: string | undefined;
  /** PEM of the only CA that server and broker are checked against, whatever the PC was told. Absolute. */
  readonly tlsCa: string | undefined;
  /** Run commands as the seeds send them although nobody has signed them. */
  readonly allowUnsigned: boolean;
  /** Folded to upper case. */
  readonly pcId: string;
  /** Seconds between two collections of the inventory; undefined = only when somebody asks. */
  readonly inventoryInterval: number | undefined;
  /** What this PC's admins call it. It tells of that, and is in no group of the server by it. */
  readonly groups: readonly string[];
  /** Scripts at once; undefined = as many as it has processors. */
  readonly parallelRuns: number | undefined;
  /** Bytes that are kept of each stream of a script. */
  readonly outputLimit: number;
  /** Bytes that wait for the server before this PC takes no more to do. */
  readonly outboxLimit: number;
  /** When updates come to it: rings are what rollouts make of the name. */
  readonly updateRing: string | undefined;
  readonly updateOnMetered: boolean;
}

/** What an agent was told, and what of it is what. */
export interface AgentLook {
  readonly settings: AgentSettings;
  /** Who said what counts; what is not in here is a default. */
  readonly given: ReadonlyMap<string, Given>;
  /** Values that are malformed and do not count, in words. */
  readonly refused: readonly string[];
}

/** Of a broker by itself, beside the backend over the same data folder. */
export interface BrokerSettings extends CommonSettings {
  /** Where the API listens: the certificate is for both. */
  readonly listen: Listen;
  readonly tls: TlsSettings;
  readonly brokerListen: Listen;
}

export interface StartSettings extends CommonSettings {
  readonly listen: Listen;
  readonly tls: TlsSettings;
  /** The broker to use; undefined = start one at `brokerListen`. */
  readonly nats: string | undefined;
  readonly brokerListen: Listen;
  /** What PCs are told to connect to, where that is not the broker's address under the public name. */
  readonly brokerUrl: string | undefined;
  readonly releaseKeys: string | undefined;
  readonly pcId: string;
  readonly inventoryInterval: number | undefined;
  readonly newAdminToken: boolean;
  readonly newCommandKey: boolean;
}

/** Where a broker is that nobody has named. */
export const LOCAL_BROKER = 'nats://127.0.0.1:4222';

export const DEFAULTS = {
  data_dir: DATA,
  listen: '127.0.0.1:8480',
  broker_listen: '127.0.0.1:4222',
  tls: 'auto',
  log_level: 'info',
  inventory_interval: '4h',
  output_limit_kb: '8192',
  outbox_limit_mb: '2048',
  update_on_metered: '0',
};

/** What the backend runs with. `argv` without node and script. Refuses by name what it does not know or cannot use. */
export function backendSettings(argv: readonly string[], env: NodeJS.ProcessEnv, registry: RegistryText = NO_REGISTRY): BackendSettings {
  const given = read('backend', argv, env, registry);
  return Object.freeze({
    ...common(given),
    listen: listener(given, 'listen'),
    tls: tls(given),
    nats: brokerUrl(given) ?? brokerBeside(given),
    brokerUrl: brokerUrl(given, 'broker_url'),
    releaseKeys: path(given, 'release_keys'),
    ...deeds(given),
    join: joining(given),
    writeBrokerConfig: path(given, 'write_broker_config'),
    writeBackupCreds: path(given, 'write_backup_creds'),
    writeRestoreCreds: path(given, 'write_restore_creds'),
    exportKeys: path(given, 'export_keys'),
    importKeys: path(given, 'import_keys'),
    passphraseFile: path(given, 'passphrase_file'),
  });
}

export function agentSettings(argv: readonly string[], env: NodeJS.ProcessEnv, registry: RegistryText = NO_REGISTRY): AgentSettings {
  return lookAtAgent(argv, env, registry).settings;
}

/**
 * The same, with who said it. A malformed value of the registry stops nothing: many PCs may have it at once, and nobody sits in front of
 * them. With `before`, which is how an agent runs already, none does; then what it had goes on, else what the next source says.
 */
export function lookAtAgent(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  registry: RegistryText = NO_REGISTRY,
  before?: AgentLook,
): AgentLook {
  const said = allGiven('agent', argv, env, registry);
  const misplaced = new Map(said.flatMap((one) => (outOfPlace(said, one) === undefined ? [] : [[one, outOfPlace(said, one)!] as const])));
  const all = said.filter((one) => !misplaced.has(one));
  const open = isOpen(chosenOf(all));
  const faultOf = (given: Given) => faultIn('agent', given) ?? brokerFault(given, open);
  const mayPass = ({ source }: Given) => before !== undefined || source === 'policy' || source === 'installation';
  const wrong = new Map(all.filter(mayPass).flatMap((one) => (faultOf(one) === undefined ? [] : [[one, faultOf(one)!] as const])));
  const chosen = new Map(chosenOf(all.filter((one) => !wrong.has(one))));
  for (const { key } of wrong.keys()) {
    const had = before?.given.get(key);
    if (had !== undefined) chosen.set(key, had);
  }
  refuse('agent', chosen);
  return Object.freeze({ settings: agentOf(chosen), given: chosen, refused: [...misplaced.values(), ...wrong.values()] });
}

function agentOf(given: Chosen): AgentSettings {
  return Object.freeze({
    ...common(given),
    nats: brokerUrl(given) ?? (isOpen(given) ? LOCAL_BROKER : undefined),
    server: words(given, 'server'),
    enrolmentToken: words(given, 'enrolment_token'),
    proxy: words(given, 'proxy'),
    tlsCa: path(given, 'tls_ca'),
    pcId: pcId(given),
    inventoryInterval: inventoryInterval(given),
    allowUnsigned: asBoolean(given.get('allow_unsigned')?.value) ?? false,
    groups: Object.freeze(given.has('groups') ? parseGroups(String(given.get('groups')!.value)) : []),
    parallelRuns: given.has('parallel_runs') ? Number(given.get('parallel_runs')!.value) : undefined,
    outputLimit: Number(text(given, 'output_limit_kb')) * 1024,
    outboxLimit: Number(text(given, 'outbox_limit_mb')) * 1024 ** 2,
    updateRing: words(given, 'update_ring'),
    updateOnMetered: asBoolean(text(given, 'update_on_metered'))!,
  });
}

export function brokerSettings(argv: readonly string[], env: NodeJS.ProcessEnv, registry: RegistryText = NO_REGISTRY): BrokerSettings {
  const given = read('broker', argv, env, registry);
  return Object.freeze({
    ...common(given),
    listen: listener(given, 'listen'),
    tls: tls(given),
    brokerListen: listener(given, 'broker_listen'),
  });
}

export function startSettings(argv: readonly string[], env: NodeJS.ProcessEnv): StartSettings {
  const given = read('start', argv, env);
  return Object.freeze({
    ...common(given),
    listen: listener(given, 'listen'),
    tls: tls(given),
    nats: brokerUrl(given),
    brokerListen: listener(given, 'broker_listen'),
    brokerUrl: brokerUrl(given, 'broker_url'),
    releaseKeys: path(given, 'release_keys'),
    pcId: pcId(given),
    inventoryInterval: inventoryInterval(given),
    ...deeds(given),
  });
}

type Chosen = ReadonlyMap<string, Given>;

const NO_REGISTRY: RegistryText = { machine: '', policy: '' };

function read(program: Program, argv: readonly string[], env: NodeJS.ProcessEnv, registry = NO_REGISTRY): Chosen {
  const all = allGiven(program, argv, env, registry);
  const misplaced = all.map((given) => outOfPlace(all, given)).filter((fault) => fault !== undefined);
  if (misplaced.length > 0) throw new KanadeError('setting_invalid', misplaced.join('; '));
  const chosen = chosenOf(all);
  refuse(program, chosen);
  return chosen;
}

/** Later sources win: the settings file, what the installation was given, the environment, the flags, and last what a policy says. */
function allGiven(program: Program, argv: readonly string[], env: NodeJS.ProcessEnv, registry: RegistryText): Given[] {
  const flags = fromFlags(program, argv);
  const variables = fromEnvironment(program, env);
  const file = saidOf(flags, 'settings') ?? env.KANADE_SETTINGS ?? fileOfService(flags);
  const stated = file ? fromFile(program, String(file)) : [];
  const machine = fromRegistry(program, registry.machine, 'installation');
  const policy = fromRegistry(program, registry.policy, 'policy');
  return [...stated, ...machine, ...variables, ...flags, ...policy].filter(({ key }) => key !== 'settings');
}

function chosenOf(all: readonly Given[]): Chosen {
  return new Map(all.map((given) => [given.key, given]));
}

function refuse(program: Program, chosen: Chosen): void {
  const faults = [...chosen.values()].map((given) => faultIn(program, given)).filter((fault) => fault !== undefined);
  if (faults.length > 0) throw new KanadeError('setting_invalid', faults.join('; '));
}

/** What is wrong with what was said, in words that show no secret. */
function faultIn(program: Program, { key, value, from }: Given): string | undefined {
  const fault = SETTINGS.find((setting) => setting.key === key && setting.programs.includes(program))?.fault(value);
  return fault === undefined ? undefined : `${from} ${fault}, not ${shownValue(key, value)}`;
}

/**
 * In open mode a PC obeys whoever answers, with `allow_unsigned` whoever has the broker: that is for whoever starts the program to say, and
 * not for a file that lies in a folder. What is wrong with this one, or undefined.
 */
function outOfPlace(all: readonly Given[], { key, source, value, from }: Given): string | undefined {
  if (source !== 'file' || saidOf(all, 'service') === undefined || asBoolean(value) === false) return undefined;
  return SETTINGS.some((setting) => setting.key === key && setting.development)
    ? `${from} is for development, and does not count for a service`
    : undefined;
}

function saidOf(given: readonly Given[], key: string): unknown {
  return given.findLast((each) => each.key === key)?.value;
}

/** Nobody can name a service its settings file: it lies in the data folder, or there is none. */
function fileOfService(flags: readonly Given[]): string | undefined {
  if (saidOf(flags, 'service') === undefined) return undefined;
  const file = resolve(String(saidOf(flags, 'data_dir') ?? DATA), 'settings.json');
  return existsSync(file) ? file : undefined;
}

function text(given: Chosen, key: keyof typeof DEFAULTS): string {
  return String(given.get(key)?.value ?? DEFAULTS[key]);
}

function words(given: Chosen, key: string): string | undefined {
  const value = given.get(key)?.value;
  return value === undefined ? undefined : String(value);
}

function isOpen(given: Chosen): boolean {
  return asBoolean(given.get('open')?.value) ?? false;
}

function common(given: Chosen): CommonSettings {
  const open = isOpen(given);
  const dataDir = text(given, 'data_dir');
  return { open, dataDir: resolve(given.get('data_dir')?.base ?? '', dataDir), logLevel: text(given, 'log_level') as LogLevel };
}

function deeds(given: Chosen): Pick<BackendSettings, 'newAdminToken' | 'newCommandKey'> {
  return { newAdminToken: given.has('new_admin_token'), newCommandKey: given.has('new_command_key') };
}

function joining(given: Chosen): BackendSettings['join'] {
  const [code, server] = [words(given, 'join'), words(given, 'server')];
  if (code === undefined) return undefined;
  if (server === undefined)
    throw new KanadeError('setting_invalid', '--join needs --server beside it: the address of the backend that gave out the code');
  if (isOpen(given)) throw new KanadeError('setting_invalid', '--join: in open mode there are no identities, and nothing to join');
  return Object.freeze({ code, server });
}

function inventoryInterval(given: Chosen): number | undefined {
  return parseInterval('inventory_interval', text(given, 'inventory_interval'));
}

/** Open mode is for this machine alone; otherwise what listens beyond loopback speaks TLS (`speaksTls`). */
function listener(given: Chosen, key: 'listen' | 'broker_listen'): Listen {
  const listen = parseListen(text(given, key))!;
  if (isOpen(given)) assertLoopback(given.get(key)?.from ?? key, listen);
  return Object.freeze(listen);
}

/** Of a broker that is told the same settings, and listens there. */
function brokerBeside(given: Chosen): string | undefined {
  if (!given.has('broker_listen')) return undefined;
  const { host, port } = listener(given, 'broker_listen');
  const protocol = speaksTls(tls(given).mode, { host, port }) ? 'tls' : 'nats';
  return `${protocol}://${hostPort({ host: reachable(host), port })}`;
}

function tls(given: Chosen): TlsSettings {
  const [cert, key] = [path(given, 'tls_cert'), path(given, 'tls_key')];
  if ((cert === undefined) !== (key === undefined)) {
    const [there, missing] = cert === undefined ? ['tls_key', 'tls_cert'] : ['tls_cert', 'tls_key'];
    throw new KanadeError('setting_invalid', `${given.get(there)!.from} needs ${missing} beside it: a certificate and its key go together`);
  }
  return Object.freeze({
    mode: text(given, 'tls') as TlsSettings['mode'],
    files: cert === undefined || key === undefined ? undefined : Object.freeze({ cert, key }),
    ca: path(given, 'tls_ca'),
    publicNames: Object.freeze(given.has('public_name') ? String(given.get('public_name')!.value).split(',') : []),
  });
}

function path(given: Chosen, key: string): string | undefined {
  const named = given.get(key);
  return named === undefined ? undefined : resolve(named.base, String(named.value));
}

/** Beyond loopback only `tls://`, and in open mode nothing. */
function brokerUrl(given: Chosen, key: 'nats' | 'broker_url' = 'nats'): string | undefined {
  const nats = given.get(key);
  if (nats === undefined) return undefined;
  assertReachable(nats, isOpen(given));
  return String(nats.value);
}

function assertReachable({ value, from }: Given, open: boolean): void {
  for (const url of String(value).split(',')) {
    const { protocol, hostname: host, port } = new URL(url);
    const listen = { host: host.replace(/^\[|\]$/g, ''), port: Number(port || 4222) };
    if (open) assertLoopback(from, listen);
    else if (protocol !== 'tls:' && !isLoopback(listen.host)) {
      throw new KanadeError('listen_not_loopback', `${from} is ${url}: beyond loopback only TLS is spoken, so it has to be tls://`);
    }
  }
}

/** Of a broker that is well written, and not to be talked to. */
function brokerFault(given: Given, open: boolean): string | undefined {
  if (given.key !== 'nats') return undefined;
  try {
    assertReachable(given, open);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
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
