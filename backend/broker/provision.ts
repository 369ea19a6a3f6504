import { KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { isJetStreamError, type Nats, STREAM_NOT_FOUND } from '#core/nats/connection.ts';
import { api, createStream, type StreamInfo, streamInfo, updateStream } from '#core/nats/jetstream.ts';
import { drift, type StreamConfig, wantedBytes, wantedStreams } from './stream-config.ts';
import { isNewEnough, OLDEST_BROKER } from './version.ts';

export interface ProvisionOptions {
  signal: AbortSignal;
  /** Told what was made or repaired, and what could not be. */
  log: Pick<Log, 'info' | 'warn'>;
  /** Copies of each stream; default 3 on a cluster, else 1. */
  replicas?: number;
  /** Of the wanted sizes, to begin with; what an earlier call came to. Otherwise larger ones are tried first. */
  fraction?: number;
}

export interface Provisioned {
  /** The names of the streams and buckets that were made. */
  created: string[];
  /** Of the wanted sizes; 1 unless the store is small. */
  fraction: number;
}

/** JetStream's words for "that does not fit": account, memory, peers' storage, this server's storage. */
const TOO_LARGE = [10002, 10023, 10028, 10047];
const NAME_IN_USE = 10058;
/** Share of an account's limit that the streams may reserve: blocks are larger than the messages in them. */
const SHARE = 0.9;
const SMALLEST = 1 / 64;

/**
 * Creates the streams and buckets of the contract and repairs those that differ. Sizes are scaled down together until they
 * fit the store, never below what a stream holds. What cannot be repaired is reported and left. `broker_too_old`, or
 * `broker_failed` when even a sixty-fourth does not fit. Two backends may do this at once. What tries
 * larger sizes lets small streams grow and shrink again, so whoever does this time and again says what it came to before.
 */
export async function provision(nats: Nats, options: ProvisionOptions): Promise<Provisioned> {
  if (!isNewEnough(nats.serverVersion)) {
    throw new KanadeError('broker_too_old', `the broker is nats-server ${nats.serverVersion}; ${OLDEST_BROKER} or newer is needed`);
  }
  const replicas = options.replicas ?? (nats.clustered ? 3 : 1);
  let fraction = options.fraction ?? (await largestFraction(nats, replicas));
  const created = new Set<string>();
  for (;;) {
    options.signal.throwIfAborted();
    try {
      await apply(nats, wantedStreams(replicas, fraction), options, created);
      break;
    } catch (error) {
      if (!isJetStreamError(error, ...TOO_LARGE)) throw error;
      if (fraction <= SMALLEST)
        throw new KanadeError('broker_failed', `the broker's store is too small: ${messageOf(error)}`, { cause: error });
      fraction /= 2;
    }
  }
  if (fraction < 1 && fraction !== options.fraction)
    options.log.warn({ percent: Math.round(fraction * 100) }, 'the streams are smaller than wanted: the store is small');
  return { created: [...created], fraction };
}

/** What the account allows; what the server's disk allows shows only when a stream does not fit. */
async function largestFraction(nats: Nats, replicas: number): Promise<number> {
  const { limits } = await api<{ limits: { max_storage: number } }>(nats, 'INFO');
  return limits.max_storage > 0 ? Math.min(1, (SHARE * limits.max_storage) / (wantedBytes() * replicas)) : 1;
}

async function apply(nats: Nats, wanted: readonly StreamConfig[], { signal, log }: ProvisionOptions, created: Set<string>): Promise<void> {
  const there = new Map<string, StreamInfo>();
  for (const { name } of wanted) {
    const info = await existing(nats, name);
    if (info) there.set(name, info);
  }
  // What shrinks makes room for what grows, and what is there already is settled before anything is added.
  const gain = (config: StreamConfig) => config.max_bytes - (there.get(config.name)?.config.max_bytes ?? 0);
  for (const config of [...wanted].sort((a, b) => gain(a) - gain(b))) {
    signal.throwIfAborted();
    const info = there.get(config.name) ?? (await create(nats, config, log));
    if (info) await repair(nats, info, config, log);
    else created.add(config.name);
  }
}

async function existing(nats: Nats, name: string): Promise<StreamInfo | undefined> {
  try {
    return await streamInfo(nats, name);
  } catch (error) {
    if (isJetStreamError(error, STREAM_NOT_FOUND)) return undefined;
    throw error;
  }
}

/** Creates it; when somebody else was quicker with other settings, gives back theirs. */
async function create(nats: Nats, config: StreamConfig, log: ProvisionOptions['log']): Promise<StreamInfo | undefined> {
  try {
    await createStream(nats, config);
    log.info({ stream: config.name, max_bytes: config.max_bytes }, 'stream created');
    return undefined;
  } catch (error) {
    if (isJetStreamError(error, NAME_IN_USE)) return streamInfo(nats, config.name);
    throw error;
  }
}

async function repair(nats: Nats, info: StreamInfo, config: StreamConfig, log: ProvisionOptions['log']): Promise<void> {
  const wanted = { ...config, max_bytes: Math.max(config.max_bytes, info.state.bytes) };
  const differs = drift(info.config, wanted);
  if (differs.length === 0) return;
  try {
    await updateStream(nats, { ...info.config, ...wanted });
    log.info({ stream: config.name, repaired: differs }, 'stream repaired');
  } catch (error) {
    if (!isJetStreamError(error) || isJetStreamError(error, ...TOO_LARGE)) throw error;
    // Some settings of a stream cannot be changed. It still carries messages, so the rest goes on.
    log.warn({ stream: config.name, differs, error: messageOf(error) }, 'a stream differs from what is wanted and cannot be repaired');
  }
}
