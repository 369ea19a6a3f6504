import { startBroker } from '#backend/broker/broker.ts';
import { findNatsServer } from '#backend/broker/find-nats-server.ts';

// A program that starts a broker over a data folder and says so: made to be killed by tests.
const [dataDir, port] = process.argv.slice(2);
const { path: binary } = await findNatsServer();
const listen = { host: '127.0.0.1', port: Number(port) };
const { url, pid } = await startBroker({ binary, dataDir: dataDir!, listen, signal: AbortSignal.timeout(60_000), log: () => {} });
process.send!({ url, pid });
