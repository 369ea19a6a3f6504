import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { userCache } from './backend/broker/binary-cache.ts';

// Hundreds of backends and agents are started: with their code compiled once each costs half as much.
const env = { NODE_COMPILE_CACHE: join(userCache(process.env), 'compiled') };
const integration = { testTimeout: 120_000, hookTimeout: 120_000, pool: 'forks' as const, maxWorkers: 3 };
const integrationTests = (name: string) => `tests/integration/${name}.test.ts`;

/** What the broker itself has to see to is tried a second time with the server that this names. */
const another = {
  test: { ...integration, env, name: 'other nats-server', include: ['pc-permissions', 'restricted-agent'].map(integrationTests) },
};

// Unit tests run in parallel; integration tests start real brokers and processes, so their files run three at a time: one of them waits, mostly.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['tests/unit/**/*.test.ts'], testTimeout: 20_000 } },
      { test: { ...integration, name: 'integration', include: [integrationTests('**/*')], env: { ...env, KANADE_TEST_NATS_SERVER: '' } } },
      ...(process.env.KANADE_TEST_NATS_SERVER ? [another] : []),
    ],
  },
});
