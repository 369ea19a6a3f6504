import pino from 'pino';
import { runBackend } from '#backend/backend.ts';
import { endWithParent, tellParent } from '#core/process/end-with-parent.ts';
import { LOG_FORMAT } from '#core/process/log-format.ts';

/** A backend with what a test bends. Its options come as one JSON argument. */
export interface BackendProcessOptions {
  dataDir: string;
  nats: string;
  newCommandKey?: boolean;
  /** Without them it signs what it says, on a broker that asks nobody who he is. */
  identities?: boolean;
  keyLookAfter?: number;
}

const { dataDir, nats, newCommandKey = false, identities = false, keyLookAfter } = JSON.parse(process.argv[2]!) as BackendProcessOptions;
const signal = endWithParent();
const log = pino({ ...LOG_FORMAT, level: 'info' }, pino.destination({ dest: 1, sync: true }));
try {
  await runBackend({
    dataDir,
    listen: { host: '127.0.0.1', port: 0 },
    tls: { mode: 'auto', files: undefined, ca: undefined, publicNames: [] },
    nats,
    brokerUrl: undefined,
    open: !identities,
    sealed: true,
    newCommandKey,
    ...(keyLookAfter === undefined ? {} : { keyLookAfter }),
    log,
    signal,
    onReady: ({ url }) => tellParent({ type: 'ready', url }),
  });
  process.exit(0);
} catch (error) {
  tellParent({ type: 'failed', code: (error as { code?: string }).code ?? '', message: (error as Error).message });
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
