import pino from 'pino';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { endWithParent, tellParent } from '#core/process/end-with-parent.ts';
import { LOG_FORMAT } from '#core/process/log-format.ts';
import { tellHost } from '#core/process/service.ts';
import { brokerSettings } from '#core/settings/settings.ts';
import { identityFor } from '../identity/identity.ts';
import { serviceRegistry } from '../service-registry.ts';
import { natsServerHere } from './nats-server-here.ts';
import { brokerTls, ownBroker } from './own-broker.ts';

/** The broker's process, for a service beside that of the backend over the same data folder. Exit codes: 0 stopped in order, 1 could not start. */
const signal = endWithParent();
try {
  const settings = brokerSettings(process.argv.slice(2), process.env, serviceRegistry(process.argv, process.env));
  const log = pino({ ...LOG_FORMAT, level: settings.logLevel, base: { program: 'broker' } }, pino.destination({ dest: 1, sync: true }));
  const say = (line: string) => log.info({}, line);
  const identity = await identityFor(settings);
  if (identity?.joined !== undefined)
    throw new KanadeError('joined_already', `${settings.dataDir} has joined the backends of another broker: it needs none of its own`);
  using tls = await brokerTls(settings, say);
  const binary = await natsServerHere(process.env, signal);
  await using broker = await ownBroker({ settings, binary, identity, tls, signal, say });
  log.info({ url: broker.url, pid: broker.pid }, 'the broker is up');
  tellParent({ type: 'ready', url: broker.url });
  tellHost('ready');
  await new Promise<void>((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
} catch (error) {
  // Asked to stop while it was starting: everything has been stopped, and nothing is wrong.
  if (!signal.aborted) {
    process.stderr.write(`${error instanceof KanadeError ? `${error.code}: ` : ''}${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
process.exit();
