import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openApi } from '#backend/http/openapi.ts';
import { routes } from '#backend/http/routes.ts';

/** The list of issue 3, which is also what the PowerShell module is written against. */
const ADDRESSES = [
  'GET /api/v1/schedules',
  'GET /api/v1/schedules/upcoming',
  'GET /api/v1/schedules/:id',
  'POST /api/v1/schedules/check',
  'PUT /api/v1/schedules/:id',
  'DELETE /api/v1/schedules/:id',
  'POST /api/v1/schedules/:id/enable',
  'POST /api/v1/schedules/:id/disable',
  'POST /api/v1/schedules/:id/run-now',
  'GET /api/v1/schedules/:id/forecast',
  'GET /api/v1/schedules/:id/coverage',
  'GET /api/v1/freeze',
  'PUT /api/v1/freeze',
  'DELETE /api/v1/freeze',
  'POST /api/v1/executions',
  'GET /api/v1/executions',
  'GET /api/v1/executions/:id',
  'GET /api/v1/executions/:id/targets',
  'GET /api/v1/executions/:id/events',
  'POST /api/v1/executions/:id/cancel',
  'POST /api/v1/executions/:id/rerun',
  'GET /api/v1/rollouts',
  'GET /api/v1/rollouts/:id',
  'POST /api/v1/rollouts/:id/pause',
  'POST /api/v1/rollouts/:id/resume',
  'POST /api/v1/rollouts/:id/abort',
  'POST /api/v1/rollouts/:id/advance',
  'GET /api/v1/results/:id',
  'GET /api/v1/results/:id/stdout',
  'GET /api/v1/results/:id/stderr',
  'GET /api/v1/results/:id/tail',
  'GET /api/v1/agents',
  'GET /api/v1/agents/:pc',
  'GET /api/v1/agents/:pc/queue',
  'GET /api/v1/agents/:pc/logs',
  'POST /api/v1/agents/:pc/ping',
  'DELETE /api/v1/agents/:pc',
  'POST /api/v1/agents/:pc/readmit',
  'POST /api/v1/agents/:pc/revoke',
  'POST /api/v1/agents/:pc/rename',
  'POST /api/v1/enrolment-tokens',
  'GET /api/v1/enrolment-tokens',
  'GET /api/v1/enrolment-tokens/:id',
  'DELETE /api/v1/enrolment-tokens/:id',
  'POST /api/v1/backends/join-codes',
  'GET /api/v1/backends/join-codes',
  'DELETE /api/v1/backends/join-codes/:id',
  'POST /api/v1/backends/join',
  'GET /api/v1/backends',
  'DELETE /api/v1/backends/:id',
  'POST /api/v1/enrol/challenge',
  'POST /api/v1/enrol',
  'POST /api/v1/renew',
  'GET /api/v1/enrolments',
  'GET /api/v1/enrolments/:id',
  'POST /api/v1/enrolments/:id/approve',
  'POST /api/v1/enrolments/:id/deny',
  'GET /api/v1/agents/:pc/groups',
  'PUT /api/v1/agents/:pc/groups',
  'GET /api/v1/groups',
  'GET /api/v1/groups/:group',
  'PUT /api/v1/groups/:group',
  'DELETE /api/v1/groups/:group',
  'GET /api/v1/agents/:pc/inventory',
  'GET /api/v1/agents/:pc/inventory/:section',
  'GET /api/v1/agents/:pc/inventory-changes',
  'POST /api/v1/agents/:pc/inventory/refresh',
  'GET /api/v1/inventory/search',
  'GET /api/v1/inventory/sections',
  'GET /api/v1/inventory/:section',
  'GET /api/v1/inventory-faults',
  'GET /api/v1/jobs',
  'GET /api/v1/jobs/:id',
  'POST /api/v1/jobs/check',
  'POST /api/v1/jobs/inline',
  'PUT /api/v1/jobs/:id',
  'DELETE /api/v1/jobs/:id',
  'POST /api/v1/jobs/:id/revoke',
  'POST /api/v1/jobs/:id/unrevoke',
  'GET /api/v1/command-keys',
  'POST /api/v1/command-keys',
  'POST /api/v1/command-keys/:id/retire',
  'GET /api/v1/releases',
  'POST /api/v1/releases',
  'GET /api/v1/releases/:release',
  'DELETE /api/v1/releases/:release',
  'GET /api/v1/releases/files/:hash',
  'GET /api/v1/audit',
  'GET /api/v1/events',
  'GET /api/v1/dead-letters',
  'POST /api/v1/dead-letters/:id/retry',
  'GET /api/v1/ca',
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
];

/** Who asks these cannot have a token yet; a PC never has one. */
const OPEN = [
  '/api/v1/releases/files/:hash',
  '/api/v1/ca',
  '/api/v1/enrol/challenge',
  '/api/v1/enrol',
  '/api/v1/renew',
  '/api/v1/backends/join',
];

test('the API is what was promised', () => {
  expect(routes.map((route) => `${route.method} ${route.path}`).sort()).toEqual([...ADDRESSES].sort());
});

test.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))('%s says what it is', (_, route) => {
  expect(route.summary).not.toBe('');
  expect(route.scope === undefined).toBe(!route.path.startsWith('/api/') || OPEN.includes(route.path));
  const answersNothing = route.status === 204;
  expect(route.response !== undefined || route.produces !== undefined).toBe(!answersNothing);
  const names = [...route.path.matchAll(/:([a-z]+)/g)].map((match) => match[1]);
  expect(Object.keys((route.params?.schema as object | undefined) ?? {})).toEqual(names);
  const changes = route.method !== 'GET' && !/\/(?:ping|check|inline)$/.test(route.path) && !OPEN.includes(route.path);
  expect(route.audit !== undefined).toBe(changes);
  if (changes) expect(route.scope).not.toBe('read');
});

test('openapi.json is what the routes say', () => {
  const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'));
  expect(openApi(routes, read('package.json').version)).toEqual(read('backend/http/openapi.json'));
});

test('operation ids are unique', () => {
  const { paths } = openApi(routes, '0') as { paths: Record<string, Record<string, { operationId: string }>> };
  const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map((operation) => operation.operationId));
  expect(new Set(ids).size).toBe(routes.length);
});

test('what an execution may say is described, with its limits and what holds when it is not said', () => {
  const { paths } = openApi(routes, '0') as {
    paths: Record<string, Record<string, { requestBody: { content: Record<string, Content> } }>>;
  };
  interface Content {
    schema: { properties: Record<string, { default?: unknown; description?: string; pattern?: string }> };
  }
  const { properties } = paths['/api/v1/executions']!.post!.requestBody.content['application/json']!.schema;
  const described = Object.entries(properties).filter(([, { description }]) => description !== undefined);
  expect(described.map(([name]) => name)).toEqual(Object.keys(properties).filter((name) => name !== 'shell'));
  expect(properties.timeout).toMatchObject({ default: '1h', description: expect.stringContaining('7d'), pattern: expect.any(String) });
  expect(properties.expires_in).toMatchObject({ default: '7d' });
  expect(properties.success_exit_codes).toMatchObject({ default: [0, 3010, 1641] });
});
