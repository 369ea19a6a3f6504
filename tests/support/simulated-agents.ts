import { startProcess, type TestProcess } from './processes.ts';

export interface PcRange {
  /** Names are `<prefix>-00000` and so on; upper case. */
  prefix: string;
  from: number;
  count: number;
}

/** What one process of simulated agents is told. */
export interface SimulatedShare extends PcRange {
  /** Where the broker is, in open mode. */
  nats?: string;
  /** Where each gets an identity of its own, kept in memory, and with which token. */
  identity?: { server: string; token: string };
  /** A ledger and an outbox on disk, in a folder per PC below this one; in memory when not given. */
  dataDir?: string;
  /** Each start of a script is a line with its result id in a file per PC below this one. */
  journalDir?: string;
  /** A script takes a random time up to this many milliseconds; default 0. */
  takesUpTo?: number;
  /** Milliseconds between reconnect tries, +-50 %; default what the agent does. */
  reconnectMs?: number;
  /** Says on stderr what the agents log as errors. */
  loud?: boolean;
}

export interface SimulatedAgents extends AsyncDisposable {
  readonly pcIds: string[];
  readonly processes: TestProcess[];
  /** Resolves when every agent is connected. Whether the backend knows it is another matter. */
  readonly connected: Promise<void>;
  kill(): Promise<void>;
  /** An orderly stop of all. */
  stop(): Promise<void>;
}

export function pcNames({ prefix, from, count }: PcRange): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}-${String(from + n).padStart(5, '0')}`);
}

/**
 * Simulated PCs: the real agent with ledger and outbox in memory (or on disk) and a runner that starts no process, each
 * with its own broker connection, shared out over `processes` processes.
 */
export function startSimulatedAgents(
  options: Omit<SimulatedShare, 'prefix' | 'from'> & Partial<PcRange> & { processes?: number },
): SimulatedAgents {
  const { processes: howMany = 1, prefix = 'SIM', from = 0, count, ...rest } = options;
  const shares = Array.from({ length: howMany }, (_, n): SimulatedShare => {
    const first = Math.floor((count * n) / howMany);
    const next = Math.floor((count * (n + 1)) / howMany);
    return { ...rest, prefix, from: from + first, count: next - first };
  });
  const processes = shares.map((share) => startProcess('tests/support/simulated-agents-process.ts', [JSON.stringify(share)]));
  const connected = Promise.all(processes.map((process) => process.ready)).then(() => {});
  // Whoever does not wait for it does not care.
  connected.catch(() => {});
  const kill = async () => void (await Promise.all(processes.map((process) => process.kill())));
  return {
    pcIds: pcNames({ prefix, from, count }),
    processes,
    connected,
    kill,
    stop: async () => void (await Promise.all(processes.map((process) => process.stop()))),
    [Symbol.asyncDispose]: kill,
  };
}
