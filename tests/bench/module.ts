import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentView } from '#backend/agents/agent-view.ts';
import type { TargetView } from '#backend/projectors/read/targets.ts';
import { TARGET_STATES } from '#core/contract/target-state.ts';
import { runCommand } from '#core/process/run-command.ts';
import { PWSH } from '#tests/support/pwsh.ts';
import { type Figures, median, ms } from './figures.ts';

const ROOT = join(import.meta.dirname, '../..');
const STARTS = 15;
const OBJECTS = 5000;
const REPEATS = 7;

/** How long the PowerShell module takes to be there, from its files and packed, and to pass 5,000 objects on. */
export async function measureModule(figures: Figures): Promise<void> {
  if (PWSH === undefined) {
    figures.add('PowerShell module', 'not measured: pwsh is not on PATH');
    return;
  }
  const dir = await mkdtemp(join(tmpdir(), 'kanade-bench-'));
  try {
    await pwsh(['-File', join(ROOT, 'build.ps1'), 'Module', '-Destination', dir]);
    const packed = join(dir, 'Kanade', ...(await readdir(join(dir, 'Kanade'))), 'Kanade.psd1');
    await measureImport(figures, packed);
    await measureObjects(figures, packed);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function measureImport(figures: Figures, packed: string): Promise<void> {
  const starts: Record<string, number[]> = { nothing: [], source: [], packed: [] };
  const commands = { nothing: '', source: importOf(join(ROOT, 'Kanade.psd1')), packed: importOf(packed) };
  // One after the other in turn, so that whatever else the machine does meets all of them.
  for (let n = 0; n < STARTS; n++) {
    for (const [name, command] of Object.entries(commands)) {
      const begun = performance.now();
      await pwsh(['-Command', command]);
      starts[name]!.push(performance.now() - begun);
    }
  }
  const nothing = median(starts.nothing!);
  figures.add('pwsh that does nothing, from its start to its end', ms(nothing));
  for (const [name, what] of Object.entries({ source: 'from its files', packed: 'packed' })) {
    const all = median(starts[name]!);
    figures.add(`pwsh that imports the module ${what}`, `${ms(all)}, ${ms(all - nothing)} of it for the module`);
  }
}

async function measureObjects(figures: Figures, manifest: string): Promise<void> {
  const server = createServer((request, response) => {
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify(answer(request.method!, new URL(request.url!, 'http://backend'))));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const env = { KANADE_SERVER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, KANADE_TOKEN: 'bench' };
    const script = join(import.meta.dirname, 'module-objects.ps1');
    const said = await pwsh(['-File', script, '-Manifest', manifest, '-Count', String(OBJECTS), '-Repeats', String(REPEATS)], env);
    // What -WhatIf says comes before it.
    const times = JSON.parse(said.trim().split('\n').at(-1)!) as Record<string, number[]>;
    const cases = {
      names: `${OBJECTS} names into Invoke-KanadeExec -WhatIf`,
      objects: `${OBJECTS} objects with a Name into Invoke-KanadeExec -WhatIf`,
      agents: `Get-KanadeAgent of ${OBJECTS} PCs, over HTTP`,
      results: `Receive-KanadeExec of ${OBJECTS} PCs, over HTTP`,
      waited: `Invoke-KanadeExec -Wait on ${OBJECTS} PCs that have all ended`,
    };
    for (const [name, what] of Object.entries(cases)) {
      const all = times[name]!;
      figures.add(what, `${ms(median(all))}, the first time ${ms(all[0]!)}`);
    }
  } finally {
    server.close();
  }
}

/** What a backend with so many PCs answers, as fast as can be: measured is what the module does. */
function answer(method: string, { pathname, searchParams }: URL): unknown {
  if (method === 'POST' || pathname === '/api/v1/executions/bench') return EXECUTION;
  const names = searchParams.get('pc');
  if (names !== null) return { items: names.split(',').map((name) => targetOf(Number(name.slice('PC-'.length)))), next: null };
  const limit = Number(searchParams.get('limit') ?? OBJECTS);
  const from = Number(searchParams.get('cursor') ?? 0);
  const rowOf = pathname === '/api/v1/agents' ? agentOf : targetOf;
  const items = Array.from({ length: Math.min(limit, OBJECTS - from) }, (_, n) => rowOf(from + n));
  return { items, next: from + limit < OBJECTS ? String(from + limit) : null };
}

const AT = '2026-11-21T10:00:00.000Z';
const counts = { ...Object.fromEntries(TARGET_STATES.map((state) => [state, 0])), succeeded: OBJECTS };
const EXECUTION = { exec_id: 'bench', status: 'done', target_count: OBJECTS, counts };

const pcOf = (n: number) => `PC-${String(n).padStart(5, '0')}`;

function agentOf(n: number): AgentView {
  return {
    pc_id: pcOf(n),
    online: n % 2 === 0,
    last_heartbeat: AT,
    version: '0.1.0',
    os: 'Microsoft Windows 11 Pro 10.0.22631',
    hostname: pcOf(n),
    tz: 'Europe/Berlin',
    groups: ['lab', 'office'],
    enrolled_at: AT,
    first_seen: AT,
    last_seen: AT,
    retired_at: null,
    outbox_depth: 0,
    stuck: 0,
    corrupt: 0,
    pending: 0,
    running: [],
    replay_state: 'ready',
    clock_offset_ms: 3,
    rss_bytes: 70_000_000,
    cpu_pct: 0.01,
    uptime_secs: 100_000,
    logged_on_user: 'EXAMPLE\\somebody',
    pending_reboot: [],
    defender: { real_time_protection: true, tamper_protected: true, signature_age_days: 0 },
    problems: [],
    conflict: false,
    identity: 'active',
    public_key: null,
    hardware: null,
    token_id: null,
    renewed_at: null,
    ephemeral_days: null,
    renamed_to: null,
    inventory_at: null,
  };
}

function targetOf(n: number): TargetView & { stdout: string; stderr: string } {
  return {
    pc_id: pcOf(n),
    state: 'succeeded',
    reason: null,
    exit_code: 0,
    reboot_required: false,
    started_at: AT,
    finished_at: AT,
    result_id: `result-${n}`,
    stdout: 'x'.repeat(200),
    stderr: '',
  };
}

const importOf = (manifest: string) => `Import-Module -Name '${manifest.replaceAll("'", "''")}'`;

async function pwsh(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const { code, stdout, stderr } = await runCommand(PWSH!, ['-NoProfile', '-NonInteractive', ...args], {
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  if (code !== 0) throw new Error(`pwsh ${args[1]}: ${stderr || stdout}`);
  return stdout;
}
