import { Worker } from 'node:worker_threads';
import { type ErrorCode, KanadeError } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { PcSection } from '#core/contract/subjects.ts';
import { PROJECTION } from '#core/installation.ts';
import type { Credential } from '#core/nats/connection.ts';
import type { Wake } from '#core/nats/retry.ts';
import { CLOSES_AFTER } from '../closes-after.ts';
import type { Beliefs } from '../seal/believes.ts';
import type { Surplus } from './inventory/quota.ts';
import { Passing } from './passing.ts';
import { type StreamStatus, UNKNOWN } from './status.ts';
import { PROJECTED, type ProjectedStream } from './streams.ts';
import type { FromWorker, ToWorker, WorkerInput } from './worker-messages.ts';

export interface ProjectionOptions {
  /** Made when it is not there; deleted and read again from the streams when it is corrupt or of another schema. */
  databasePath: string;
  /** nats:// or tls:// URLs, separated by commas. */
  nats: string;
  /** PEM of the CA of tls:// brokers; undefined = those that this machine trusts. */
  caFile?: string;
  /** This process's own; undefined where everything is open. */
  credential?: Credential;
  /** Empty, or `_<backend id>` on a backend that did not win `leases/first`. */
  durableSuffix: string;
  signal: AbortSignal;
  log: Pick<Log, 'info' | 'warn'>;
  /** Milliseconds added to this machine's clock when it is judged what is past its retention. */
  clockOffset?: number;
  /** Whose executions are believed, as it changes; without it everybody's. */
  beliefs?: { beliefs(): Beliefs; readonly changed: Wake };
}

export interface Commit {
  stream: ProjectedStream;
  seq: number;
  execIds: ReadonlySet<string>;
  /** Of INVENTORY the sections of PCs that it was about. */
  sections: readonly PcSection[];
  /** PCs that have more in the stream than they may. */
  surplus: readonly Surplus[];
  /** Messages in it. */
  rows: number;
}

export interface ProjectionStatus {
  streams: Record<ProjectedStream, StreamStatus>;
}

export interface Projection extends AsyncDisposable {
  /**
   * Resolves when this backend's projection has committed `seq` of `stream` or a later one; `not_ready` after `timeout`
   * milliseconds (default 10,000), the signal's reason when it aborts.
   */
  passed(stream: ProjectedStream, seq: number, options?: { signal?: AbortSignal; timeout?: number }): Promise<void>;
  /** Called after each commit with what it touched, until the function it gives back is called. */
  onCommit(listener: (commit: Commit) => void): () => void;
  status(): ProjectionStatus;
  /** `not_found` when there is no such dead letter, or its message is no longer in the stream. */
  retryDeadLetter(id: number): Promise<'projected' | 'still_bad'>;
  /** The worker ended without being told: the process is to be started again. Never rejects. */
  readonly failed: Promise<Error>;
}

/** Milliseconds that the thread may take to end by itself: a socket that still connects keeps it. What it has not committed is read again. */
const END_PATIENCE = CLOSES_AFTER + 2000;

/** Starts the projectors in a thread of their own. Resolves when the database is there and has its tables. */
export async function startProjection(options: ProjectionOptions): Promise<Projection> {
  const { databasePath, nats, caFile, credential, durableSuffix, clockOffset = 0, signal } = options;
  signal.throwIfAborted();
  const beliefs = options.beliefs?.beliefs();
  const workerData: WorkerInput = { databasePath, nats, caFile, credential, durableSuffix, clockOffset, beliefs };
  const handle = new Handle(new Worker(PROJECTION, { workerData, name: 'projection' }), options);
  const failure = await Promise.race([handle.ready, handle.failed]);
  if (failure instanceof Error) throw failure;
  return handle;
}

interface Asked {
  resolve(outcome: 'projected' | 'still_bad'): void;
  reject(error: Error): void;
}

class Handle implements Projection {
  readonly ready: Promise<void>;
  readonly failed: Promise<Error>;
  readonly #worker: Worker;
  readonly #log: ProjectionOptions['log'];
  readonly #passing = new Passing();
  readonly #status = new Map<ProjectedStream, StreamStatus>();
  readonly #listeners = new Set<(commit: Commit) => void>();
  readonly #asked = new Map<number, Asked>();
  readonly #exited: Promise<void>;
  #questions = 0;
  #stopping = false;
  #forget = () => {};

  constructor(worker: Worker, { signal, log, beliefs }: ProjectionOptions) {
    this.#worker = worker;
    this.#log = log;
    const tellBeliefs = (from: NonNullable<typeof beliefs>) => {
      this.#forget = from.changed.join(() => {
        this.#tell({ type: 'believe', beliefs: from.beliefs() });
        tellBeliefs(from);
      });
    };
    if (beliefs !== undefined) tellBeliefs(beliefs);
    const ready = Promise.withResolvers<void>();
    const failed = Promise.withResolvers<Error>();
    this.ready = ready.promise;
    this.failed = failed.promise;
    const stop = () => this.#stop();
    signal.addEventListener('abort', stop, { once: true });
    worker.on('message', (message: FromWorker) => {
      if (message.type === 'ready') ready.resolve();
      else if (message.type === 'failed') failed.resolve(new Error(`the projection failed: ${message.message}`));
      else this.#hear(message);
    });
    worker.once('error', (error) => failed.resolve(error instanceof Error ? error : new Error(String(error))));
    this.#exited = new Promise((resolve) => {
      worker.once('exit', (code) => {
        signal.removeEventListener('abort', stop);
        if (!this.#stopping) failed.resolve(new Error(`the projection's thread ended with ${code}`));
        this.#giveUpWaiting();
        resolve();
      });
    });
  }

  passed(stream: ProjectedStream, seq: number, options: { signal?: AbortSignal; timeout?: number } = {}): Promise<void> {
    return this.#passing.passed(stream, seq, options);
  }

  onCommit(listener: (commit: Commit) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  status(): ProjectionStatus {
    const streams = PROJECTED.map((stream) => [stream, this.#status.get(stream) ?? UNKNOWN] as const);
    return { streams: Object.fromEntries(streams) as ProjectionStatus['streams'] };
  }

  retryDeadLetter(deadLetter: number): Promise<'projected' | 'still_bad'> {
    if (this.#stopping) return Promise.reject(ended());
    const id = ++this.#questions;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#tell({ type: 'retry', id, deadLetter });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await this.#exited;
  }

  #hear(message: Exclude<FromWorker, { type: 'ready' | 'failed' }>): void {
    if (message.type === 'log') this.#log[message.level](message.fields, message.message);
    else if (message.type === 'answer') this.#answered(message);
    else {
      const { stream, status } = message;
      if (status !== undefined) this.#isAt(stream, status);
      if (message.type === 'status') return;
      const { seq, rows, execIds, sections, surplus } = message;
      const commit: Commit = { stream, seq, rows, execIds: new Set(execIds), sections, surplus };
      for (const listener of this.#listeners) listener(commit);
    }
  }

  #isAt(stream: ProjectedStream, status: StreamStatus): void {
    const before = this.#status.get(stream);
    this.#status.set(stream, status);
    this.#passing.at(stream, status.seq, before?.epoch !== status.epoch);
  }

  #answered({ id, outcome, error }: Extract<FromWorker, { type: 'answer' }>): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (outcome !== undefined) asked?.resolve(outcome);
    else asked?.reject(new KanadeError((error?.code ?? 'internal') as ErrorCode, error?.message));
  }

  #stop(): void {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#forget();
    this.#tell({ type: 'stop' });
    const cut = setTimeout(() => void this.#worker.terminate(), END_PATIENCE);
    void this.#exited.then(() => clearTimeout(cut));
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #giveUpWaiting(): void {
    this.#stopping = true;
    this.#passing.end(ended());
    for (const { reject } of this.#asked.values()) reject(ended());
    this.#asked.clear();
  }
}

function ended(): KanadeError {
  return new KanadeError('not_ready', 'the projection has ended');
}
