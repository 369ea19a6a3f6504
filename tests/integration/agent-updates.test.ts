import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import type { AgentProcessOptions } from '#tests/support/agent-process.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { type Contents, envelopeOf, installVersion, manifestOf, releaseKey } from '#tests/support/release.ts';
import { releaseArchive, upload } from '#tests/support/release-upload.ts';
import { until } from '#tests/support/until.ts';

const key = releaseKey();
const { kanade } = await kanadeOfFile({ identities: true, backend: false });
const keysFile = join(kanade.dir, 'keys.json');
let serial = Math.floor(Date.now() / 1000);

beforeAll(async () => {
  await writeFile(keysFile, JSON.stringify({ format: 1, keys: [key.public] }));
  kanade.backend = await kanade.startBackend('one', ['--release-keys', keysFile]);
  await release('1.1.0');
});

const filesOf = (version: string): Contents => ({ 'node.exe': 'the same in all versions', 'agent.mjs': `agent ${version}` });

/** Adds a release of that version to the backend. */
async function release(version: string): Promise<void> {
  const contents = filesOf(version);
  const [created, expires] = [0, 90].map((days) => new Date(Date.now() + days * 86_400_000).toISOString());
  const envelope = envelopeOf(manifestOf(contents, { version, serial: serial++, created: created!, expires: expires! }), key);
  const { status, body } = await upload(kanade.backend, releaseArchive(envelope, contents));
  if (status > 201) throw new Error(JSON.stringify(body));
}

/** A PC under a host that starts what it is told to, and writes down what it is asked to. */
class HostedPc {
  readonly name: string;
  readonly #dir: string;
  agent!: ReturnType<typeof kanade.startAgent>;

  constructor(name: string) {
    this.name = name;
    this.#dir = join(kanade.dir, `host-${name}`);
  }

  get versions(): string {
    return join(this.#dir, 'versions');
  }

  /** As `version`, which the host has chosen; `barred` have failed. */
  async start(version: string, ...barred: string[]): Promise<void> {
    await installVersion(join(this.versions, version), version, filesOf(version));
    const state = join(this.#dir, 'state.txt');
    const lines = [
      `current ${version}`,
      'previous ',
      'trial 0',
      'must-connect 0',
      'crashes 0',
      'contact 0',
      ...barred.map((one) => `barred ${one}`),
    ];
    await writeFile(state, `${lines.join('\n')}\n`);
    const host: AgentProcessOptions['host'] = { versions: this.versions, keys: [key.public], state };
    this.agent = await kanade.readyAgent(this.name, { version, host });
  }

  /** The version that it has handed over, once it has ended in order. */
  async handsOver(): Promise<unknown> {
    const [said] = await once(this.agent.child, 'message');
    expect(await this.agent.exited).toBe(0);
    return (said as { version: string }).version;
  }
}

const update = (pc: string, version?: string, more = {}) =>
  kanade.backend.submit({ shell: undefined, update: version === undefined ? {} : { version }, target: { pcs: [pc] }, ...more });

async function resultOf(exec: string, pc: string): Promise<Record<string, unknown>> {
  const { result_id } = await kanade.backend.target(exec, pc);
  return kanade.backend.get(`/results/${result_id}`);
}

test('an update is laid down with what is new of it, handed over, and reported by the version that runs then', async () => {
  const pc = new HostedPc('GOOD');
  await pc.start('1.0.0');
  const handedOver = pc.handsOver();
  const exec = await update('GOOD');
  expect(await handedOver).toBe('1.1.0');
  expect(await readFile(join(pc.versions, '1.1.0', 'agent.mjs'), 'utf8')).toBe('agent 1.1.0');
  expect((await readdir(join(pc.versions, '1.1.0'))).sort()).toEqual(['agent.mjs', 'node.exe', 'release.json']);
  // Nobody knows yet what becomes of it.
  expect(await kanade.backend.inState(exec, 'GOOD', 'running')).toMatchObject({ finished_at: null });
  expect(await kanade.backend.get(`/executions/${exec}`)).toMatchObject({ update_version: '1.1.0', shell: null });
  await pc.start('1.1.0');
  await kanade.backend.inState(exec, 'GOOD', 'succeeded');
  expect(await resultOf(exec, 'GOOD')).toMatchObject({ outcome: 'succeeded', detail: 'it runs 1.1.0' });

  const again = await update('GOOD', '1.1.0');
  await kanade.backend.inState(again, 'GOOD', 'succeeded');
  expect(await resultOf(again, 'GOOD')).toMatchObject({ detail: 'it runs 1.1.0 already', started_at: null });
  await pc.agent.stop();
});

test('one that the host took back is reported by the one before it, which runs scripts, and takes it no second time', async () => {
  const pc = new HostedPc('BAD');
  await pc.start('1.0.0');
  const handedOver = pc.handsOver();
  const exec = await update('BAD', '1.1.0');
  await handedOver;
  await pc.start('1.0.0', '1.1.0');
  expect(await kanade.backend.inState(exec, 'BAD', 'failed')).toMatchObject({ reason: 'update_rolled_back' });
  const script = await kanade.backend.submit({ script: 'true', target: { pcs: ['BAD'] } });
  await kanade.backend.inState(script, 'BAD', 'succeeded');
  const again = await update('BAD', '1.1.0');
  expect(await kanade.backend.inState(again, 'BAD', 'failed')).toMatchObject({ reason: 'update_barred' });

  // Signed later, it may be another one.
  await release('1.1.0');
  const mended = pc.handsOver();
  const later = await update('BAD', '1.1.0');
  expect(await mended).toBe('1.1.0');
  await pc.start('1.1.0');
  await kanade.backend.inState(later, 'BAD', 'succeeded');
  await pc.agent.stop();
});

test('it waits for the scripts that run, and those that come meanwhile run in the next version', async () => {
  const pc = new HostedPc('BUSY');
  await pc.start('1.0.0');
  const go = join(kanade.dir, 'go');
  const script = await kanade.backend.submit({ script: `while ! [ -e '${go}' ]; do sleep 0.1; done`, target: { pcs: ['BUSY'] } });
  await kanade.backend.inState(script, 'BUSY', 'running');
  const handedOver = pc.handsOver();
  const exec = await update('BUSY');
  await until('it lies there', () => existsSync(join(pc.versions, '1.1.0')));
  const later = await kanade.backend.submit({ script: 'true', target: { pcs: ['BUSY'] } });
  await writeFile(go, '');
  await handedOver;
  await kanade.backend.inState(script, 'BUSY', 'succeeded');
  expect(await kanade.backend.target(later, 'BUSY')).toMatchObject({ state: 'queued' });
  await pc.start('1.1.0');
  await kanade.backend.inState(exec, 'BUSY', 'succeeded');
  await kanade.backend.inState(later, 'BUSY', 'succeeded');
  await pc.agent.stop();
});

test('a PC that was off takes it when it is back, unless it runs a higher version by then; without a host it says so', async () => {
  const off = new HostedPc('OFF');
  await off.start('1.0.0');
  await off.agent.stop();
  const exec = await update('OFF', '1.1.0');
  await off.start('1.2.0');
  expect(await kanade.backend.inState(exec, 'OFF', 'skipped')).toMatchObject({ reason: 'newer_version' });

  const alone = await kanade.readyAgent('ALONE', { version: '1.0.0' });
  const refused = await update('ALONE', '1.1.0');
  expect(await kanade.backend.inState(refused, 'ALONE', 'failed')).toMatchObject({ reason: 'update_unsupported' });
  await Promise.all([off.agent.stop(), alone.stop()]);
});

test('in waves it stops at the first one that fails', async () => {
  const [first, second] = ['WAVE1', 'WAVE2'];
  const agents = await Promise.all([first, second].map((pc) => kanade.readyAgent(pc!, { version: '1.0.0' })));
  const { body } = await kanade.backend.call('POST', '/executions', {
    update: {},
    target: { pcs: [first, second] },
    rollout: { waves: [1, '100%'] },
  });
  const rollout = await until('it halts', async () => {
    const found = await kanade.backend.get(`/rollouts/${body.rollout_id}`);
    return found.status === 'halted' && found;
  });
  expect(rollout.waves.map(({ started_at }: { started_at: string | null }) => started_at !== null)).toEqual([true, false]);
  await Promise.all(agents.map((agent) => agent.stop()));
});

test.each([
  ['a version that was not added', { update: { version: '9.9.9' } }, 'unknown_release', '/update/version'],
  ['a version that is none', { update: { version: '1.1' } }, 'invalid_body', '/update/version'],
  ['a script beside it', { update: {}, script: 'true', shell: 'sh' }, 'invalid_body', '/script'],
  ['a job beside it', { update: {}, job_id: 'tidy' }, 'invalid_body', '/job_id'],
  ['arguments beside it', { update: {}, args: [1] }, 'invalid_body', '/args'],
  ['an account beside it', { update: {}, run_as: 'user' }, 'invalid_body', '/run_as'],
])('%s is refused', async (_, request, code, pointer) => {
  const { status, body } = await kanade.backend.call('POST', '/executions', { ...request, target: { all: true } });
  expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([422, code, pointer]);
});
