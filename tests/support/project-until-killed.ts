import { startProjection } from '#backend/projectors/projection.ts';
import { quiet } from './projection.ts';

/** A process that projects, says a line at each commit, and waits to be killed: <database> <nats URL>. */
const [databasePath, nats] = process.argv.slice(2);
const { signal } = new AbortController();
const projection = await startProjection({ databasePath: databasePath!, nats: nats!, durableSuffix: '', signal, log: quiet });
projection.onCommit(({ stream, seq }) => void process.stdout.write(`${stream} ${seq}\n`));
process.on('disconnect', () => process.exit());
