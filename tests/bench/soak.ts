import { access, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openReader } from '#backend/projectors/read/open-reader.ts';
import { TestKanade } from '#tests/support/kanade.ts';
import { type SimulatedAgents, startSimulatedAgents } from '#tests/support/simulated-agents.ts';
import { until } from '#tests/support/until.ts';
import { chance } from './chance.ts';
import type { Figures } from './figures.ts';

export interface SoakOptions {
  results: number;
  /** Chooses whom to kill and when. */
  seed: number;
  /** Milliseconds after which whatever is not there is called lost. */
  within: number;
  pcs: number;
}

/** Processes of agents, each killed on its own. */
const SHARES = 4;
/** Executions of which not every result is there yet: more are not submitted. */
const OPEN_AT_ONCE = 20;

/**
 * Results through kill -9 of agents, backend and broker at random moments. The agents' ledgers and outboxes are on disk;
 * what really ran is written down by the runner, outside of everything that is killed and restored.
 */
export async function soak(figures: Figures, { results, seed, within, pcs }: SoakOptions): Promise<void> {
  const begun = performance.now();
  const left = () => begun + within - performance.now();
  const random = chance(seed);
  await using kanade = await TestKanade.start();
  const folder = await mkdtemp(join(await memoryDisk(), 'kanade-soak-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const journalDir = join(folder, 'journal');
  await mkdir(journalDir);
  const dataDir = join(folder, 'pcs');
  const startShare = (n: number): SimulatedAgents => {
    const from = Math.floor((pcs * n) / SHARES);
    const count = Math.floor((pcs * (n + 1)) / SHARES) - from;
    return startSimulatedAgents({ nats: kanade.broker.url, from, count, dataDir, journalDir, takesUpTo: 30, reconnectMs: 500 });
  };
  const shares = Array.from({ length: SHARES }, (_, n) => startShare(n));
  stack.defer(async () => void (await Promise.all(shares.map((share) => share.kill()))));
  await Promise.all(shares.map((share) => share.connected));
  await until(
    'every PC is ready',
    async () =>
      (await kanade.backend.get('/agents?limit=500')).items.filter((a: { replay_state: string }) => a.replay_state === 'ready').length ===
      pcs,
    60_000,
  );

  const killed = { agents: 0, backend: 0, broker: 0 };
  const submitting = new AbortController();
  const kills = (async () => {
    while (!submitting.signal.aborted) {
      await sleep(1000 + random() * 5000, undefined, { signal: submitting.signal }).catch(() => {});
      if (submitting.signal.aborted) return;
      const whom = random();
      if (whom < 0.5) {
        killed.agents++;
        const n = Math.floor(random() * SHARES);
        await shares[n]!.kill();
        shares[n] = startShare(n);
      } else if (whom < 0.75) {
        killed.backend++;
        await kanade.backend.process.kill();
        kanade.backend = await kanade.startBackend();
      } else {
        killed.broker++;
        await kanade.broker.restart();
      }
    }
  })();

  // The projection outlives the backends: the file stays where it is, and so does this connection to it.
  const db = openReader(join(kanade.backend.dataDir, 'backend', 'projection.db'));
  stack.defer(() => void db.close());
  const have = db.prepare<[], number>('SELECT count(*) FROM targets WHERE result_seq > 0').pluck();
  const executions = Math.ceil(results / pcs);
  const accepted = new Set<string>();
  for (let n = 0; n < executions && left() > 60_000; n++) {
    while (n * pcs - have.get()! > OPEN_AT_ONCE * pcs && left() > 60_000) await sleep(20);
    const execId = await submitUntilTaken(kanade, `soak-${n}`, left);
    if (execId !== undefined) accepted.add(execId);
    if (n % 100 === 99) console.log(`  ${n + 1} submitted, ${have.get()} results, killed so far ${JSON.stringify(killed)}`);
  }
  submitting.abort();
  await kills;
  const expected = accepted.size * pcs;
  await until('every result is there', () => have.get()! >= expected, Math.max(1000, left())).catch((error) =>
    console.log(`  ${error instanceof Error ? error.message : error}`),
  );

  const rows = db
    .prepare<[], { exec_id: string; result_id: string | null; state: string; reason: string | null }>(
      'SELECT exec_id, result_id, state, reason FROM targets',
    )
    .all();
  const ran = await runsOf(journalDir);
  const states = new Map<string, number>();
  for (const { state, reason } of rows) {
    const key = reason === null ? state : `${state} (${reason})`;
    states.set(key, (states.get(key) ?? 0) + 1);
  }
  const lost = expected - rows.filter((row) => row.result_id !== null && accepted.has(row.exec_id)).length;
  const twice = [...ran.values()].filter((times) => times > 1).length;
  const unfounded = rows.filter((row) => row.state === 'succeeded' && !ran.has(row.result_id!)).length;
  const how = `${killed.agents} kills of agents, ${killed.backend} of the backend, ${killed.broker} of the broker, seed ${seed}, ${Math.round((performance.now() - begun) / 1000)} s`;
  figures.add('soak: results expected', `${expected} of ${results} asked for (${how})`);
  figures.add('soak: results lost', String(lost), '0', lost === 0);
  figures.add('soak: scripts run twice', String(twice), '0', twice === 0);
  figures.add('soak: said to have succeeded and never run', String(unfounded), '0', unfounded === 0);
  figures.add('soak: rows by state', [...states].map(([state, n]) => `${state} ${n}`).join(', '));
}

/** Submitted under one key however often it takes, as an admin's client would do it. */
async function submitUntilTaken(kanade: TestKanade, key: string, left: () => number): Promise<string | undefined> {
  while (left() > 0) {
    try {
      const request = { script: 'true', shell: 'sh', target: { all: true } };
      const { status, body } = await kanade.backend.call('POST', '/executions', request, { 'idempotency-key': key });
      if (status === 202) return body.exec_id;
    } catch {
      // The backend is dead at this moment: that is what the soak is about.
    }
    await sleep(100);
  }
  return undefined;
}

/** How often each result id was started, by the runners' journals. */
async function runsOf(journalDir: string): Promise<Map<string, number>> {
  const runs = new Map<string, number>();
  for (const file of await readdir(journalDir)) {
    for (const id of (await readFile(join(journalDir, file), 'utf8')).split('\n')) if (id !== '') runs.set(id, (runs.get(id) ?? 0) + 1);
  }
  return runs;
}

/**
 * Where the PCs' folders lie. SIGKILL, unlike a power cut, leaves everything that was written, so files in memory are
 * as good as files on a disk for it, and a hundred PCs do not wait for the syncs of one disk.
 */
async function memoryDisk(): Promise<string> {
  return access('/dev/shm').then(
    () => '/dev/shm',
    () => tmpdir(),
  );
}
