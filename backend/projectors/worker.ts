import { parentPort, workerData } from 'node:worker_threads';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { connectNats } from '#core/nats/connection.ts';
import { readCa } from '#core/tls/trust.ts';
import { CLOSES_AFTER } from '../closes-after.ts';
import { AwaitedKeys } from '../seal/awaited-keys.ts';
import { Believes } from '../seal/believes.ts';
import { Begins } from './begins.ts';
import { isCorrupt, markCorrupt, openWriter } from './database.ts';
import { Projector } from './projector.ts';
import { retryDeadLetter } from './retry-dead-letter.ts';
import type { StreamStatus } from './status.ts';
import { PROJECTED, type ProjectedStream } from './streams.ts';
import { runSweeper } from './sweeper.ts';
import type { FromWorker, ToWorker, WorkerInput } from './worker-messages.ts';
import { type Committed, Writer } from './writer.ts';

/**
 * The worker thread of the projection: all projectors, the only connection that writes projection.db and a NATS
 * connection of its own. It ends by itself when told to stop, and fails for good when the connection is dead or the
 * database corrupt: the process is then to be started again.
 */
const input = workerData as WorkerInput;
const port = parentPort!;
const say = (message: FromWorker) => port.postMessage(message);
const log = {
  info: (fields: object, message: string) => say({ type: 'log', level: 'info', fields, message }),
  warn: (fields: object, message: string) => say({ type: 'log', level: 'warn', fields, message }),
};

async function main(): Promise<void> {
  let told = false;
  const stop = new AbortController();
  const { signal } = stop;
  const { databasePath, durableSuffix, credential } = input;
  const clock = () => Date.now() + input.clockOffset;
  const seal = input.beliefs && new Believes(input.beliefs, clock);
  const db = openWriter(databasePath, log);
  say({ type: 'ready' });
  port.on('message', (message: ToWorker) => {
    if (message.type === 'retry') return void answerRetry(message);
    if (message.type === 'believe') return seal?.believe(message.beliefs);
    told = true;
    stop.abort();
  });
  // Retries that come before there is a connection wait for it.
  const connection = connectNats({
    servers: input.nats,
    ca: () => readCa(input.caFile),
    name: `kanade projection ${durableSuffix}`.trim(),
    ...(credential === undefined ? {} : { authenticator: () => credential }),
    signal,
    closesAfter: CLOSES_AFTER,
    random: Math.random,
    mono: () => performance.now(),
    wall: Date.now,
    log,
    ...(seal === undefined ? {} : { seal }),
  });
  const begins = new Begins(() => performance.now());
  const writer = new Writer(db, begins.of);
  const awaited = new AwaitedKeys(() => performance.now());

  async function answerRetry({ id, deadLetter }: Extract<ToWorker, { type: 'retry' }>): Promise<void> {
    try {
      const { letter, committed, projected } = await retryDeadLetter({ nats: await connection, awaited, db, writer, signal }, deadLetter);
      say({ type: 'answer', id, outcome: projected ? 'projected' : 'still_bad' });
      if (projected) say({ type: 'commit', stream: letter.stream, seq: letter.seq, ...toldOf(committed), rows: 1 });
    } catch (error) {
      const code = error instanceof KanadeError ? { code: error.code } : {};
      say({ type: 'answer', id, error: { ...code, message: messageOf(error) } });
    }
  }

  try {
    await using nats = await connection;
    const allCaughtUp = Promise.withResolvers<void>();
    const waiting = new Set<string>(PROJECTED);
    const noteCaughtUp = (stream: ProjectedStream, { caughtUp }: StreamStatus) => {
      if (caughtUp) waiting.delete(stream);
      if (waiting.size === 0) allCaughtUp.resolve();
    };
    const context = {
      nats,
      awaited,
      db,
      writer,
      begins,
      durableSuffix,
      signal,
      random: Math.random,
      log,
      onCommit: (stream, committed, status) => {
        say({ type: 'commit', stream, seq: status.seq, ...toldOf(committed), rows: committed.rows, status });
        noteCaughtUp(stream, status);
      },
      onStatus: (stream, status) => {
        say({ type: 'status', stream, status });
        noteCaughtUp(stream, status);
      },
    } satisfies ConstructorParameters<typeof Projector>[0];
    signal.addEventListener('abort', () => allCaughtUp.resolve(), { once: true });
    const all = [
      ...PROJECTED.map((stream) => new Projector(context, stream).run()),
      runSweeper({ nats, db, durableSuffix, clock, signal, log }, allCaughtUp.promise),
    ];
    const dead = nats.dead.then((reason) => Promise.reject(new Error(reason)));
    try {
      await Promise.race([Promise.all(all), dead]);
    } finally {
      stop.abort();
      await Promise.allSettled(all);
    }
  } catch (error) {
    if (isCorrupt(error)) markCorrupt(databasePath);
    if (!told || isCorrupt(error)) throw error;
  } finally {
    db.close();
  }
}

function toldOf({ execIds, sections, surplus }: Committed) {
  return { execIds: [...execIds], sections, surplus };
}

try {
  await main();
} catch (error) {
  say({ type: 'failed', message: messageOf(error) });
}
port.close();
