import { join } from 'node:path';
import { type Database, openReader } from '#backend/projectors/read/open-reader.ts';
import { decode, encode } from '#core/contract/codec.ts';
import { Heartbeat } from '#core/contract/heartbeat.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvPut } from '#core/nats/kv.ts';
import { TestKanade } from '#tests/support/kanade.ts';
import { testConnection } from '#tests/support/projection.ts';
import { pcNames, type SimulatedAgents, startSimulatedAgents } from '#tests/support/simulated-agents.ts';
import { until } from '#tests/support/until.ts';
import { listening, secureKanade } from './secure-kanade.ts';

export const GROUP = 'bench';
/** Milliseconds until everything is given up. */
const PATIENCE = 600_000;

interface Heard {
  at: number;
  state: string;
}

/** Broker, backend and simulated PCs, each in processes of their own, and what they say. All PCs are in one group. */
export class Fleet implements AsyncDisposable {
  readonly kanade: TestKanade;
  readonly agents: SimulatedAgents;
  readonly db: Database;
  readonly #nats: Nats;
  readonly #stop: AbortController;
  readonly #heard = new Map<string, Heard>();

  private constructor(kanade: TestKanade, agents: SimulatedAgents, nats: Nats, stop: AbortController) {
    this.kanade = kanade;
    this.agents = agents;
    this.#nats = nats;
    this.#stop = stop;
    this.db = openReader(join(kanade.backend.dataDir, 'backend', 'projection.db'));
    nats.subscribe('heartbeat.*', (m) => {
      const { pc_id, replay } = decode(Heartbeat, m.data);
      this.#heard.set(pc_id, { at: performance.now(), state: replay?.state ?? '' });
    });
  }

  /** `said` is told how long it took until all were connected, and until all were enrolled and ready. `secure`: not in open mode. */
  static async start(
    count: number,
    said: (what: string, milliseconds: number) => void,
    { secure = false }: { secure?: boolean } = {},
  ): Promise<Fleet> {
    const kanade = secure ? await secureKanade() : await TestKanade.start();
    const stop = new AbortController();
    const nats = secure ? await listening(kanade, stop.signal) : await testConnection(kanade.broker.url, stop.signal);
    const where = secure
      ? { identity: await kanade.identityFor({ uses: count, groups: [GROUP] }) }
      : { nats: await inGroup(nats, kanade.broker.url, count) };
    const begun = performance.now();
    const agents = startSimulatedAgents({ ...where, count, processes: 2 });
    const fleet = new Fleet(kanade, agents, nats, stop);
    await agents.connected;
    said('connected', performance.now() - begun);
    await fleet.ready(0);
    said('enrolled and ready', performance.now() - begun);
    return fleet;
  }

  /** Resolves when each PC has said since then that it has read its durable. */
  async ready(since: number): Promise<void> {
    await this.#allSay(since, ({ state }) => state === 'ready');
  }

  /** Resolves when each PC has been heard since then. */
  async talking(since: number): Promise<void> {
    await this.#allSay(since, () => true);
  }

  /** One run on all: milliseconds from the request until it is accepted, all starts are in SQLite, and all results are. */
  async run(target: unknown): Promise<{ accepted: number; started: number; done: number }> {
    const begun = performance.now();
    const execId = await this.kanade.backend.submit({ script: 'true', target });
    const accepted = performance.now() - begun;
    const since = (seq: 'event_seq' | 'result_seq') =>
      this.db.prepare<[string], number>(`SELECT count(*) FROM targets WHERE exec_id = ? AND ${seq} > 0`).pluck();
    const events = since('event_seq');
    const results = since('result_seq');
    const count = this.agents.pcIds.length;
    await until('every start is projected', () => events.get(execId) === count, PATIENCE);
    const started = performance.now() - begun;
    await until('every result is projected', () => results.get(execId) === count, PATIENCE);
    return { accepted, started, done: performance.now() - begun };
  }

  async #allSay(since: number, what: (heard: Heard) => boolean): Promise<void> {
    const { pcIds } = this.agents;
    await until(
      'every PC says so',
      () => {
        const missing = pcIds.filter((pc) => {
          const heard = this.#heard.get(pc);
          return heard === undefined || heard.at < since || !what(heard);
        });
        return missing.length === 0 ? true : Promise.reject(new Error(`${missing.length} do not, such as ${missing[0]}`));
      },
      PATIENCE,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.db.close();
    await this.agents.kill();
    await this.#nats.close();
    this.#stop.abort();
    await this.kanade[Symbol.asyncDispose]();
  }
}

/** Before there is anybody to ask: gives back where they are to connect to. */
async function inGroup(nats: Nats, url: string, count: number): Promise<string> {
  const groups = encode({ groups: [GROUP] });
  const names = pcNames({ prefix: 'SIM', from: 0, count });
  for (let at = 0; at < count; at += 500) await Promise.all(names.slice(at, at + 500).map((pc) => kvPut(nats, 'agent_groups', pc, groups)));
  return url;
}
