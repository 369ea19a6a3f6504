import { startProjection } from '#backend/projectors/projection.ts';
import { quiet } from '../projection.ts';

/** Projects, and tells each commit: <database> <nats URL>. */
const [databasePath, nats] = process.argv.slice(2);
const { signal } = new AbortController();
const projection = await startProjection({ databasePath: databasePath!, nats: nats!, durableSuffix: '', signal, log: quiet });
projection.onCommit(({ stream, seq }) => void process.send!(`${stream} ${seq}`));
