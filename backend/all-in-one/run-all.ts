import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { durationText } from '#core/contract/duration.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { ensureFolder } from '#core/files/atomic-write.ts';
import { brokerGreets } from '#core/nats/watchdog.ts';
import { assertPortFree } from '#core/process/port-owner.ts';
import { hostPort } from '#core/settings/listen.ts';
import type { StartSettings, TlsSettings } from '#core/settings/settings.ts';
import { readCa } from '#core/tls/trust.ts';
import type { Broker } from '../broker/broker.ts';
import { findNatsServer } from '../broker/find-nats-server.ts';
import { brokerTls, ownBroker } from '../broker/own-broker.ts';
import { type Identity, identityFor, OPEN_MODE } from '../identity/identity.ts';
import { caFileFor, type ServerTls } from '../tls/server-tls.ts';
import { apiClient } from './api-client.ts';
import { runFirstScript, until } from './first-script.ts';
import { ownAgentEnv } from './own-agent.ts';
import { type Part, startPart } from './part.ts';
import { type WelcomeFacts, welcome } from './welcome.ts';

export interface RunAllOptions {
  settings: StartSettings;
  env: NodeJS.ProcessEnv;
  /** Stops everything: the agent first, which empties its outbox, then the backend, then the broker. */
  signal: AbortSignal;
  say: (line: string) => void;
}

const ROOT = dirname(dirname(import.meta.dirname));
/** Milliseconds. The agent itself takes up to 10 s for its outbox. */
const AGENT_PATIENCE = 15_000;
const BACKEND_PATIENCE = 10_000;

/** Broker, backend and an agent for this machine, until `signal` aborts. */
export async function runAll({ settings, env, signal, say }: RunAllOptions): Promise<void> {
  const { dataDir, listen, open } = settings;
  if (listen.port !== 0) await assertPortFree(listen, 'KANADE_LISTEN');
  for (const folder of ['backend', 'agent']) await ensureFolder(join(dataDir, folder));
  const identity = await identityFor({ open, dataDir });
  if (identity === undefined) say(OPEN_MODE);
  if (identity?.joined !== undefined)
    throw new KanadeError('joined_already', `${dataDir} has joined the backends of another broker: npm run backend starts it`);
  // Disposed of in the reverse order: agent, backend, broker.
  await using running = new AsyncDisposableStack();
  const tls = settings.nats === undefined ? await brokerTls(settings, say) : undefined;
  if (tls !== undefined) running.use(tls);
  const broker = settings.nats === undefined ? running.use(await startOwnBroker(settings, { identity, tls }, signal, say)) : undefined;
  const nats = broker?.url ?? settings.nats!;
  if (broker === undefined && !(await brokerGreets(nats))) say(`no broker answers at ${nats} (KANADE_NATS): trying on`);
  const common = [...(open ? ['--open'] : []), '--data-dir', dataDir, '--nats', nats, '--log-level', settings.logLevel];
  const start = async (
    name: 'backend' | 'agent',
    program: string,
    args: string[],
    patience: number,
    once: string[] = [],
    own: NodeJS.ProcessEnv = {},
  ): Promise<Part> => {
    say(`starting the ${name}`);
    const outputFile = join(dataDir, name, 'output.log');
    return startPart({
      name,
      program: join(ROOT, program),
      args: [...common, ...args],
      once,
      env: { ...withoutSettings(env), ...own },
      outputFile,
      signal,
      log: say,
      patience,
    });
  };
  const deeds = [...(settings.newAdminToken ? ['--new-admin-token'] : []), ...(settings.newCommandKey ? ['--new-command-key'] : [])];
  const brokerUrl = settings.brokerUrl === undefined ? [] : ['--broker-url', settings.brokerUrl];
  const releaseKeys = settings.releaseKeys === undefined ? [] : ['--release-keys', settings.releaseKeys];
  const backendArgs = ['--listen', hostPort(listen), ...brokerUrl, ...releaseKeys, ...tlsFlags(settings.tls)];
  const backend = running.use(await start('backend', 'backend/main.ts', backendArgs, BACKEND_PATIENCE, deeds));
  const url = String(backend.ready.url);
  const caFile = caFileFor(dataDir, settings.tls);
  const interval = settings.inventoryInterval === undefined ? 'off' : durationText(settings.inventoryInterval);
  const agentArgs = ['--pc-id', settings.pcId, '--inventory-interval', interval, ...(caFile === undefined ? [] : ['--tls-ca', caFile])];
  const tokenFile = join(dataDir, 'admin.token');
  const server = { url, ca: readCa(caFile) };
  const own = identity && (await ownAgentEnv({ ...server, tokenFile, dataDir, pcId: settings.pcId, signal }));
  for (const line of own?.trouble ?? []) say(line);
  const agent = running.use(await start('agent', 'core/agent/main.ts', agentArgs, AGENT_PATIENCE, [], own?.env));
  const pcId = String(agent.ready.pc_id);

  const { first, tokenFault } = await tryOut(server, tokenFile, pcId, signal);
  const windows = process.platform === 'win32';
  say(welcome({ url, caFile, tokenFile, dataDir, nats, pcId, module: join(ROOT, 'Kanade.psd1'), first, tokenFault, windows }));
  await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
  say('stopping the agent, the backend, the broker');
}

function tlsFlags({ mode, files, ca, publicNames }: TlsSettings): string[] {
  return [
    ...['--tls', mode],
    ...(files === undefined ? [] : ['--tls-cert', files.cert, '--tls-key', files.key]),
    ...(ca === undefined ? [] : ['--tls-ca', ca]),
    ...(publicNames.length === 0 ? [] : ['--public-name', publicNames.join(',')]),
  ];
}

async function startOwnBroker(
  settings: StartSettings,
  { identity, tls }: { identity: Identity | undefined; tls: ServerTls | undefined },
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<Broker> {
  const { path, version } = await findNatsServer({ signal, log: say });
  say(`starting nats-server ${version}`);
  return ownBroker({ settings, binary: path, identity, tls, signal, say });
}

/** The programs get all they need as flags: what is meant for `npm start` is not to be read once more by each of them. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^KANADE_/i.test(name)));
}

/** How long the first script may take to come back before the start goes on without it. Milliseconds. */
const FIRST_RESULT_MS = 60_000;

async function tryOut(
  server: { url: string; ca: string | undefined },
  tokenFile: string,
  pcId: string,
  signal: AbortSignal,
): Promise<Pick<WelcomeFacts, 'first' | 'tokenFault'>> {
  // Written once; an admin may have put it elsewhere since.
  const token = (await readFile(tokenFile, 'utf8').catch(() => '')).trim();
  await until(() => apiClient({ ...server, token, signal }).ready(), signal);
  const without = (tokenFault: string) => ({ first: 'it takes the admin token', tokenFault });
  if (token === '') return without('is missing');
  const patience = AbortSignal.timeout(FIRST_RESULT_MS);
  const soon = AbortSignal.any([signal, patience]);
  const api = apiClient({ ...server, token, signal: soon });
  try {
    await until(async () => (await api.get<{ online: boolean }>(`/agents/${pcId}`))?.online, soon);
    return { first: await runFirstScript(api, pcId, soon) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof KanadeError && error.code === 'unauthenticated') return without('does not hold the admin token of this broker');
    if (patience.aborted) return { first: `${pcId} did not answer within ${FIRST_RESULT_MS / 1000} s: its log may say why` };
    throw error;
  }
}
