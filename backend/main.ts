import pino from 'pino';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { endWithParent, tellParent } from '#core/process/end-with-parent.ts';
import { LOG_FORMAT } from '#core/process/log-format.ts';
import { tellHost } from '#core/process/service.ts';
import { backendSettings } from '#core/settings/settings.ts';
import { runBackend } from './backend.ts';
import { doneOnly } from './deeds.ts';
import { serviceRegistry } from './service-registry.ts';

/** The backend's process. Exit codes: 0 stopped in order, 1 could not start, 70 the broker or the projection was dead beyond repair. */
const signal = endWithParent();
try {
  const settings = backendSettings(process.argv.slice(2), process.env, serviceRegistry(process.argv, process.env));
  const { dataDir, listen, logLevel, nats, newAdminToken, newCommandKey, open, tls, brokerUrl, releaseKeys, join } = settings;
  if (await doneOnly(settings)) process.exit(0);
  const log = pino(
    { ...LOG_FORMAT, level: logLevel, base: { program: 'backend', ...(open ? { open } : {}) } },
    pino.destination({ dest: 1, sync: true }),
  );
  try {
    await runBackend({
      dataDir,
      listen,
      tls,
      nats,
      brokerUrl,
      releaseKeysFile: releaseKeys,
      open,
      newAdminToken,
      newCommandKey,
      join,
      log,
      signal,
      onReady: ({ url }) => {
        tellParent({ type: 'ready', url });
        tellHost('ready');
      },
    });
    process.exit(0);
  } catch (error) {
    if (signal.aborted) process.exit(0);
    if (error instanceof KanadeError) throw error;
    log.fatal({ error: messageOf(error), stack: error instanceof Error ? error.stack : undefined }, 'the backend ends');
    process.exit(70);
  }
} catch (error) {
  process.stderr.write(`${error instanceof KanadeError ? `${error.code}: ` : ''}${messageOf(error)}\n`);
  process.exit(1);
}
