import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { ensureFolder } from '#core/files/atomic-write.ts';
import { MODULE, NATIVE, PACKAGE } from '#core/installation.ts';
import { endWithParent, tellParent } from '#core/process/end-with-parent.ts';
import { writeEvent } from '#core/process/event-log.ts';
import { isService, onSettingsChanged, tellHost } from '#core/process/service.ts';
import { type AgentLook, lookAtAgent } from '#core/settings/settings.ts';
import { readCa } from '#core/tls/trust.ts';
import { runAgent } from './agent.ts';
import { IdentityFile } from './identity/identity-file.ts';
import { identityServer } from './identity/server.ts';
import { PowershellSource } from './inventory/powershell-source.ts';
import { LiveSettings } from './live-settings.ts';
import type { AgentOptions } from './options.ts';
import { currentPlatform } from './platform/current.ts';
import { openNativeLibrary } from './platform/native-library.ts';
import type { Platform } from './platform/platform.ts';
import { forgetToken, serviceRegistry } from './platform/service-registry.ts';
import { openLog } from './report/log-file.ts';
import { PcFactsWatch } from './report/pc-facts-watch.ts';
import { updatesUnderHost } from './update/under-host.ts';

/**
 * The agent's process. Exit codes: 0 stopped in order, 1 could not start (a setting, the folder, no identity and nothing to get one
 * with), 70 the connection was dead beyond repair. Who has an identity that is refused, or waits for one, goes on trying.
 */
const handedOver = new AbortController();
const signal = AbortSignal.any([endWithParent(), handedOver.signal]);
/** Milliseconds between two looks at the settings that nobody asked for. */
const LOOK_EVERY = 900_000;
try {
  const live = new LiveSettings(readSettings);
  const settings = live.current;
  const dataDir = join(settings.dataDir, 'agent');
  // Before anything makes it in passing with rights for all: who can read in here can read what scripts are given.
  await ensureFolder(dataDir);
  const { open, pcId } = settings;
  const { logger, tail } = openLog(join(dataDir, 'log'), settings.logLevel, { open });
  const { version } = JSON.parse(await readFile(PACKAGE, 'utf8')) as { version: string };
  logger.info({ pc_id: pcId, version }, 'the agent begins');
  live.logTo(logger);
  // A path that leads nowhere is said now, not at the first connection.
  readCa(settings.tlsCa);
  followSettings(live, logger);
  const platform = currentPlatform();
  const updates = updatesUnderHost({
    dataDir: settings.dataDir,
    proxy: () => live.current.proxy,
    onMetered: () => live.current.updateOnMetered,
    end: (why) => handedOver.abort(new Error(why)),
  });
  const mono = () => performance.now();
  try {
    await runAgent({
      pcId,
      dataDir,
      settings: live,
      ca: () => readCa(live.current.tlsCa),
      ...(open ? {} : { identity: identityOf(live, dataDir, platform), allowUnsigned: settings.allowUnsigned }),
      version,
      ...(updates === undefined ? {} : { updates }),
      platform,
      log: logger,
      logs: tail,
      signal,
      inventory: { source: new PowershellSource({ platform, runDir: join(dataDir, 'run'), module: MODULE, mono, log: logger }) },
      writeEvent,
      ...(NATIVE === undefined ? {} : { pcFacts: pcFactsWatch(NATIVE, dataDir, logger) }),
      onOpen: () => tellHost('ready'),
      ...(isService(process.argv) ? { onHealth: tellHost } : {}),
      onReady: (known) => tellParent({ type: 'ready', pc_id: known }),
    });
    logger.info({}, 'the agent has stopped in order');
    process.exit(0);
  } catch (error) {
    logger.fatal({ ...(error instanceof KanadeError ? { code: error.code } : {}), error: messageOf(error) }, 'the agent ends');
    process.exitCode = error instanceof KanadeError ? 1 : 70;
    if (error instanceof KanadeError) process.stderr.write(`${error.code}: ${error.message}\n`);
    process.exit();
  }
} catch (error) {
  process.stderr.write(`${error instanceof KanadeError ? `${error.code}: ` : ''}${messageOf(error)}\n`);
  process.exit(1);
}

function pcFactsWatch(folder: string, dataDir: string, log: Log): PcFactsWatch {
  return new PcFactsWatch({ open: () => openNativeLibrary(folder, process.env), dataDir, wall: Date.now, log });
}

function readSettings(before?: AgentLook): AgentLook {
  const registry = isWindowsService() ? serviceRegistry(process.env) : undefined;
  return lookAtAgent(process.argv.slice(2), process.env, registry, before);
}

/** The host tells of the registry; of the settings file nobody does, and the host may have missed something. */
function followSettings(live: LiveSettings, logger: { level: string }): void {
  const follow = () => {
    logger.level = live.current.logLevel;
    live.changed.join(follow);
  };
  follow();
  onSettingsChanged(() => live.look());
  setInterval(() => live.look(), LOOK_EVERY).unref();
}

function isWindowsService(): boolean {
  return process.platform === 'win32' && isService(process.argv);
}

/** Where this PC has its identity, and where it gets and renews it. */
function identityOf(live: LiveSettings, dataDir: string, platform: Platform): NonNullable<AgentOptions['identity']> {
  return {
    store: new IdentityFile(dataDir, platform),
    server: () => live.current.server,
    token: () => {
      // Somebody may have given this PC another one: where it is to come back, that needs no restart.
      live.look();
      return live.current.enrolmentToken;
    },
    ...(isWindowsService() ? { forgetToken: () => forgetToken(process.env) } : {}),
    connect: (where) => {
      const { proxy } = live.current;
      return identityServer({ ...where, ...(proxy === undefined ? {} : { proxy }), env: process.env });
    },
  };
}
