import { expect, test } from 'vitest';
import { hashOf } from '#backend/exec/canonical.ts';
import { judgeOverdue } from '#backend/exec/deadlines.ts';
import { planCommand } from '#backend/exec/plan.ts';
import type { ExecutionRequest } from '#backend/exec/requests.ts';
import { namesOf, resolveTarget } from '#backend/exec/resolve-target.ts';
import { KanadeError } from '#core/contract/errors.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const base: ExecutionRequest = { script: 'hostname', shell: 'powershell', target: { all: true } };
const job = { id: 'tidy', version: '3', execute: { shell: 'sh' as const, script: 'ls', timeout: '5m', cwd: '/tmp' } };

function faultsOf(work: () => unknown): string[] {
  try {
    work();
  } catch (error) {
    return (error as KanadeError).faults.map((fault) => fault.pointer);
  }
  return [];
}

test('what is not said has its default: an hour to run, a week to arrive, the usual exit codes', () => {
  expect(planCommand(base, undefined, 'e', NOW).command).toMatchObject({
    id: 'ad-hoc',
    request_id: 'e',
    exec_id: 'e',
    timeout_secs: 3600,
    run_as: 'system',
    success_exit_codes: [0, 3010, 1641],
    issued_at: '2026-11-21T12:00:00.000Z',
    expires_at: '2026-11-28T12:00:00.000Z',
  });
});

test('a job brings its script, shell, time-out and folder', () => {
  const { command, script } = planCommand({ job_id: 'tidy', target: { all: true }, timeout: '10s' }, job, 'e', NOW);
  expect(command).toMatchObject({ id: 'tidy', version: '3', shell: 'sh', timeout_secs: 10, cwd: '/tmp' });
  expect(new TextDecoder().decode(script)).toBe('ls');
});

test('a job that fills a section of the inventory says so in its commands', () => {
  const filling = { ...job, inventory_section: 'licences' };
  expect(planCommand({ job_id: 'tidy', target: { all: true } }, filling, 'e', NOW).command).toMatchObject({
    inventory_section: 'licences',
  });
  expect(planCommand({ job_id: 'tidy', target: { all: true } }, job, 'e', NOW).command).not.toHaveProperty('inventory_section');
});

test('in which sessions a script for users runs is the request or the job to say', () => {
  const asked = { ...base, run_as: 'user', sessions: 'all' } as const;
  expect(planCommand(asked, undefined, 'e', NOW).command).toMatchObject({ run_as: 'user', sessions: 'all' });
  const forUsers = { ...job, execute: { ...job.execute, run_as: 'user', sessions: 'all' } } as const;
  const ofJob = { job_id: 'tidy', target: { all: true } };
  expect(planCommand(ofJob, forUsers, 'e', NOW).command).toMatchObject({ run_as: 'user', sessions: 'all' });
  expect(planCommand(ofJob, job, 'e', NOW).command).not.toHaveProperty('sessions');
  expect(faultsOf(() => planCommand({ ...ofJob, sessions: 'all' }, forUsers, 'e', NOW))).toEqual(['/sessions']);
});

test('every fault is told at once, each with its place', () => {
  const bad = {
    ...base,
    shell: 'sh' as const,
    timeout: '8d',
    expires_in: '0s',
    jitter: 'x',
    params: { a: 1 },
    args: [['a'], null, 'ok'],
    env: { 'A B': 'x', KANADE_X: 'y' },
  };
  expect(faultsOf(() => planCommand(bad, undefined, 'e', NOW))).toEqual([
    '/timeout',
    '/expires_in',
    '/jitter',
    '/params',
    '/args/0',
    '/args/1',
    '/env/A B',
    '/env/KANADE_X',
  ]);
});

test('a request names either a script or a job', () => {
  expect(faultsOf(() => planCommand({ target: { all: true } }, undefined, 'e', NOW))).toEqual(['/script', '/shell']);
  expect(faultsOf(() => planCommand({ ...base, job_id: 'tidy' }, job, 'e', NOW))).toEqual(['/script', '/shell']);
});

test('cmd takes no arguments, PowerShell takes any', () => {
  expect(faultsOf(() => planCommand({ ...base, shell: 'cmd', args: ['a'] }, undefined, 'e', NOW))).toEqual(['/args']);
  const args = ['$(x)', [1, [null]], true, { a: "'" }];
  expect(planCommand({ ...base, args, params: { Name: 'ü' } }, undefined, 'e', NOW).command).toMatchObject({ args, params: { Name: 'ü' } });
});

test('the limits are a week and a million bytes', () => {
  expect(planCommand({ ...base, timeout: '7d', expires_in: '7d' }, undefined, 'e', NOW).command.timeout_secs).toBe(604_800);
  expect(planCommand({ ...base, script: 'x'.repeat(1_000_000) }, undefined, 'e', NOW).script).toHaveLength(1_000_000);
  expect(() => planCommand({ ...base, script: `${'x'.repeat(999_999)}é` }, undefined, 'e', NOW)).toThrow(KanadeError);
});

const at = '2026-11-01T00:00:00.000Z';
const tombstone = { pc_id: 'GONE', enrolled_at: at, first_seen: at, last_seen: at, retired_at: '2026-11-20T08:00:00.000Z' };
const agents = {
  enrolled: () => new Set(['PC1', 'PC2', 'PC3']),
  members: (group: string) => (group === 'lab' ? ['PC2', 'PC3'] : []),
  entry: (pc: string) => (pc === 'GONE' ? { entry: tombstone, revision: 1 } : undefined),
};

test('a target is the union of what it names, each PC once, sorted', () => {
  expect(resolveTarget(agents, { pcs: ['pc3', 'PC1'], groups: ['lab'] })).toEqual({
    target: { pcs: ['PC3', 'PC1'], groups: ['lab'] },
    broadcast: false,
    pcs: ['PC1', 'PC2', 'PC3'],
  });
  expect(resolveTarget(agents, { all: true })).toMatchObject({ broadcast: true, pcs: ['PC1', 'PC2', 'PC3'] });
});

test('all is everybody, and refused beside names; beside empty lists it is not', () => {
  expect(resolveTarget(agents, { all: true, groups: [], pcs: [] })).toMatchObject({ broadcast: true, pcs: ['PC1', 'PC2', 'PC3'] });
  expect(() => resolveTarget(agents, { all: true, groups: ['lab'], pcs: ['PC1'] })).toThrow(
    expect.objectContaining({
      code: 'invalid_body',
      faults: [expect.objectContaining({ pointer: '/target/groups' }), expect.objectContaining({ pointer: '/target/pcs' })],
    }),
  );
});

test('nobody, strangers and malformed names are refused by name', () => {
  expect(() => resolveTarget(agents, { groups: ['lab', 'empty'] })).toThrow(
    expect.objectContaining({
      code: 'target_empty',
      faults: [{ pointer: '/target/groups/1', code: 'target_empty', message: 'no enrolled PC is in the group empty' }],
    }),
  );
  expect(() => resolveTarget(agents, {})).toThrow(expect.objectContaining({ code: 'target_empty' }));
  expect(() => resolveTarget(agents, { pcs: ['pc1', 'ghost'] })).toThrow(
    expect.objectContaining({ code: 'unknown_pc', message: expect.stringContaining('GHOST') }),
  );
  expect(() => resolveTarget(agents, { pcs: ['gone'] })).toThrow(
    expect.objectContaining({ code: 'unknown_pc', message: 'GONE is retired since 2026-11-20T08:00:00.000Z' }),
  );
  expect(() => resolveTarget(agents, { pcs: ['a.b'] })).toThrow(expect.objectContaining({ code: 'invalid_id' }));
});

test('two spellings of one request have one hash, two requests have two', () => {
  expect(hashOf({ a: 1, b: { c: [1, 2], d: undefined } })).toBe(hashOf({ b: { c: [1, 2] }, a: 1 }));
  expect(hashOf({ a: [1, 2] })).not.toBe(hashOf({ a: [2, 1] }));
});

test.each([
  ['known', 0, 'wait'],
  ['unknown', 0, 'unknown_to_agent'],
  ['silent', 0, 'wait'],
  ['silent', 86_400_000, 'wait'],
  ['silent', 86_400_001, 'no_answer'],
  ['known', 86_400_001, 'wait'],
] as const)('an overdue row whose PC is %s %d ms after its deadline: %s', (answer, late, verdict) => {
  expect(judgeOverdue({ execId: 'e', pcId: 'PC1', resultId: 'r', deadlineAt: NOW }, answer, NOW + late)).toBe(verdict);
});

test('a target keeps the names of a hundred PCs, and of more only how many they are', () => {
  const pcs = Array.from({ length: 101 }, (_, n) => `PC${n}`);
  expect(namesOf(pcs.slice(1))).toEqual({ pcs: pcs.slice(1) });
  expect(namesOf(pcs)).toEqual({ pcs_count: 101 });
  const agents = { enrolled: () => new Set(pcs), members: () => [], entry: () => undefined };
  expect(resolveTarget(agents, { pcs: pcs.map((pc) => pc.toLowerCase()) })).toMatchObject({
    target: { pcs_count: 101 },
    pcs: pcs.toSorted(),
  });
});
