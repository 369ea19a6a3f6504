import { encode } from '#core/contract/codec.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import type { Nats } from '#core/nats/connection.ts';
import type { TestBackend } from './kanade.ts';
import { until } from './until.ts';

/** PCs that are enrolled and have no process: what they say is published by the test. Resolves when all backends know them. */
export async function enrolOff(nats: Nats, pcs: readonly string[], ...backends: TestBackend[]): Promise<void> {
  const at = new Date().toISOString();
  for (const pc of pcs) {
    const entry: AgentEntry = { pc_id: pc, enrolled_at: at, first_seen: at, last_seen: at };
    await nats.publishStored(`$KV.agents.${pc}`, encode(entry));
  }
  for (const backend of backends) {
    for (const pc of pcs) await until(`${pc} is known`, async () => (await backend.call('GET', `/agents/${pc}`)).status === 200);
  }
}
