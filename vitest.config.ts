import { defineConfig } from 'vitest/config';

const integration = { testTimeout: 120_000, hookTimeout: 120_000, pool: 'forks' as const, maxWorkers: 2 };
const integrationTests = (name: string) => `tests/integration/${name}.test.ts`;

/** What the broker itself has to see to is tried a second time with the server that this names. */
const another = {
  test: { ...integration, name: 'other nats-server', include: ['pc-permissions', 'restricted-agent'].map(integrationTests) },
};

// Unit tests run in parallel; integration tests start real brokers and processes, so their files run two at a time.
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['tests/unit/**/*.test.ts'], testTimeout: 20_000 } },
      { test: { ...integration, name: 'integration', include: [integrationTests('**/*')], env: { KANADE_TEST_NATS_SERVER: '' } } },
      ...(process.env.KANADE_TEST_NATS_SERVER ? [another] : []),
    ],
  },
});
