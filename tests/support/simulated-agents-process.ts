import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runAgent } from '#core/agent/agent.ts';
import { identityServer } from '#core/agent/identity/server.ts';
import type { AgentOptions } from '#core/agent/options.ts';
import { currentPlatform } from '#core/agent/platform/current.ts';
import { messageOf } from '#core/contract/errors.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import { endWithParent, tellParent } from '#core/process/end-with-parent.ts';
import { memoryIdentity } from './memory-identity.ts';
import { memoryLedger, memoryOutbox } from './memory-stores.ts';
import { quietLog } from './quiet-log.ts';
import { pcNames, type SimulatedShare } from './simulated-agents.ts';
import { stubScript } from './stub-script.ts';

/** Agents that connect at the same time: the broker accepts them one by one anyway. */
const CONNECT_AT_ONCE = 100;

/** Many real agents in one process, each with its own connection; what they are comes as one JSON argument. */
const share = JSON.parse(process.argv[2]!) as SimulatedShare;
const stop = new AbortController();
const signal = endWithParent();
signal.addEventListener('abort', () => stop.abort(signal.reason), { once: true });
const log = share.loud
  ? { ...quietLog, error: (fields: object, text: string) => process.stderr.write(`${text} ${JSON.stringify(fields)}\n`) }
  : quietLog;
// All of them are on the same board: to the backend that would be copies of one disk.
const platform = { ...currentPlatform(), ...(share.identity === undefined ? {} : { hardware: async () => ({}) }) };
const agents: Promise<void>[] = [];
function identity({ server, token }: NonNullable<SimulatedShare['identity']>): NonNullable<AgentOptions['identity']> {
  return { store: memoryIdentity(), server: () => server, token: () => token, connect: (where) => identityServer({ ...where, env: {} }) };
}

try {
  await inParallel(pcNames(share), CONNECT_AT_ONCE, async (pcId) => {
    const own = new AbortController();
    stop.signal.addEventListener('abort', () => own.abort(stop.signal.reason), { once: true });
    if (stop.signal.aborted) return;
    const { promise: connected, resolve } = Promise.withResolvers<void>();
    const { journalDir, dataDir, takesUpTo = 0 } = share;
    const agent = runAgent({
      pcId,
      dataDir: dataDir === undefined ? '' : join(dataDir, pcId),
      ...(share.nats === undefined ? {} : { nats: share.nats }),
      ...(share.identity === undefined ? {} : { identity: identity(share.identity) }),
      version: '0.0.0-simulated',
      platform,
      log,
      logs: async () => ({ text: '', truncated: false }),
      signal: own.signal,
      ...(dataDir === undefined ? { stores: { ledger: memoryLedger(), outbox: memoryOutbox() } } : {}),
      start: stubScript({
        ...(journalDir === undefined ? {} : { journal: join(journalDir, pcId) }),
        takes: () => Math.floor(Math.random() * (takesUpTo + 1)),
      }),
      ...(share.reconnectMs === undefined ? {} : { reconnectDelay: () => share.reconnectMs! * (0.5 + Math.random()) }),
      onReady: () => resolve(),
    });
    agents.push(agent);
    await Promise.race([connected, agent]);
  });
  tellParent({ type: 'ready', count: share.count });
  await Promise.all(agents);
  // What an agent flushed at its end may still be on its way through the socket of another one's turn.
  await sleep(0);
  process.exit(0);
} catch (error) {
  tellParent({ type: 'failed', code: (error as { code?: string }).code ?? '', message: messageOf(error) });
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
