import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ScriptRunner, said, text } from '#tests/support/script-runner.ts';

test('a script runs with its output and exit code kept apart, and its folder is deleted', async () => {
  await using runner = await ScriptRunner.create();
  const outcome = await runner.run('echo out; echo err >&2; exit 0\n');
  expect(outcome).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
  expect([text(outcome.stdout), text(outcome.stderr)]).toEqual(['out\n', 'err\n']);
  expect(outcome.stdout).toMatchObject({ total: 4, truncated: false });
  expect(await runner.folders()).toEqual([]);
  expect(runner.warnings).toEqual([]);
});

test('exit codes decide by the list of good ones; Linux keeps 8 bits of them', async () => {
  await using runner = await ScriptRunner.create();
  expect(await runner.run('exit 126')).toMatchObject({ outcome: 'failed', exitCode: 126 });
  expect(await runner.run('exit 7', { successExitCodes: [7] })).toMatchObject({ outcome: 'succeeded', exitCode: 7 });
  expect(await runner.run('exit 0', { successExitCodes: [7] })).toMatchObject({ outcome: 'failed', exitCode: 0 });
  expect(await runner.run('sh -c "exit 511"')).toMatchObject({ outcome: 'failed', exitCode: 255 });
});

test('an empty script succeeds', async () => {
  await using runner = await ScriptRunner.create();
  const outcome = await runner.run('');
  expect(outcome).toMatchObject({ outcome: 'succeeded', exitCode: 0, stdout: { total: 0 }, stderr: { total: 0 } });
});

test('a script of 1,000,000 bytes runs', async () => {
  await using runner = await ScriptRunner.create();
  const end = '\necho the end\n';
  const script = Buffer.from(`#${'x'.repeat(1_000_000 - 1 - end.length)}${end}`);
  expect(script.length).toBe(1_000_000);
  expect(text((await runner.run(script)).stdout)).toBe('the end\n');
});

test('arguments arrive as they are', async () => {
  await using runner = await ScriptRunner.create();
  const args = [`it's "quoted" $(id) \`id\` $HOME \\`, 'two\nlines', '', '-x', '日本語 ✓', 4.5, true, false];
  const outcome = await runner.run('for a in "$@"; do printf "%s|" "$a"; done', { args });
  expect(text(outcome.stdout)).toBe(args.map((arg) => `${arg}|`).join(''));
});

test('what sh or this PC cannot do is skipped, and why', async () => {
  await using runner = await ScriptRunner.create();
  const skipped = { outcome: 'skipped', reason: 'unsupported', exitCode: null };
  expect(await runner.run('', { args: [null] })).toMatchObject({ ...skipped, detail: expect.stringContaining('argument 1') });
  expect(await runner.run('', { args: ['a', ['b']] })).toMatchObject({ ...skipped, detail: expect.stringContaining('argument 2') });
  expect(await runner.run('', { params: { a: 1 } })).toMatchObject({ ...skipped, detail: expect.stringContaining('parameters') });
  expect(await runner.run('', { runAs: 'user' })).toMatchObject({ ...skipped, detail: expect.stringContaining('user') });
  expect(await runner.run('', { shell: 'cmd' })).toMatchObject({ ...skipped, detail: expect.stringContaining('cmd') });
  expect(await runner.run('', { shell: 'powershell' })).toMatchObject(skipped);
});

test("the environment is the agent's without what is its own business, and the request's on top", async () => {
  const own = { ...process.env, KANADE_NATS: 'x', NODE_OPTIONS: '--no-warnings', NODE_PATH: '/x', KEPT: 'kept', GIVEN: 'old' };
  await using runner = await ScriptRunner.create({ env: own });
  const resultId = runner.nextId();
  const outcome = await runner.run('env', { resultId, env: { GIVEN: 'new $(id)\nline' } });
  const env = text(outcome.stdout);
  expect(env).not.toMatch(/^(KANADE_NATS|NODE_OPTIONS|NODE_PATH)=/m);
  expect(env).toContain('KEPT=kept\n');
  expect(env).toContain('GIVEN=new $(id)\nline\n');
  expect(env).toContain(`KANADE_RESULT_ID=${resultId}\n`);
});

test('the current folder is the one asked for, else an empty one of its own', async () => {
  await using runner = await ScriptRunner.create();
  const cwd = join(runner.dir, 'a folder');
  await mkdir(cwd);
  expect(text((await runner.run('pwd', { cwd })).stdout)).toBe(`${cwd}\n`);
  const resultId = runner.nextId();
  const own = await runner.run('pwd; ls -A', { resultId });
  expect(text(own.stdout)).toBe(`${join(runner.deps.dir, resultId, 'work')}\n`);
});

test('while it runs, its folder is closed to others', async () => {
  await using runner = await ScriptRunner.create();
  const resultId = runner.nextId();
  const script = await runner.start('echo ready; sleep 60', { resultId });
  await said(script, 'ready');
  const folder = join(runner.deps.dir, resultId);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(runner.deps.dir)).mode & 0o777).toBe(0o700);
  expect((await readdir(folder)).sort()).toEqual(['pid.json', 'script.sh', 'work']);
  script.kill('cancelled');
  await script.done;
});

test('what keeps a script from starting is said by name', async () => {
  await using runner = await ScriptRunner.create({ env: { PATH: '' } });
  const failed = { outcome: 'failed', exitCode: null };
  const missing = join(runner.dir, 'missing');
  expect(await runner.run('', { cwd: missing })).toMatchObject({
    ...failed,
    reason: 'cwd_missing',
    detail: expect.stringContaining(missing),
  });
  expect(await runner.run('', { cwd: 'relative' })).toMatchObject({ ...failed, reason: 'cwd_missing' });
  expect(await runner.run('', { args: ['a\0b'] })).toMatchObject({
    ...failed,
    reason: 'spawn_failed',
    detail: expect.stringContaining('null bytes'),
  });
  expect(await runner.run('', { args: ['x'.repeat(200_000)] })).toMatchObject({
    ...failed,
    reason: 'spawn_failed',
    detail: expect.stringContaining('E2BIG'),
  });
  expect(await runner.folders()).toEqual([]);
});

test('a shell that is missing or may not be started fails the script', async () => {
  await using base = await ScriptRunner.create();
  const platform = base.deps.platform;
  const broken = join(base.dir, 'broken');
  await mkdir(broken);
  await chmod(broken, 0o700);
  await using away = await ScriptRunner.create({ platform: { ...platform, shell: async () => ({ missing: 'pwsh is not here' }) } });
  expect(await away.run('', { shell: 'pwsh' })).toMatchObject({ outcome: 'failed', reason: 'shell_missing', detail: 'pwsh is not here' });
  await using folder = await ScriptRunner.create({ platform: { ...platform, shell: async () => ({ path: broken }) } });
  expect(await folder.run('')).toMatchObject({ outcome: 'failed', reason: 'spawn_failed', detail: expect.stringContaining(broken) });
});

test('a run folder that cannot be made fails the script and nothing else', async () => {
  await using base = await ScriptRunner.create();
  const inTheWay = join(base.dir, 'file');
  await writeFile(inTheWay, '');
  await using runner = await ScriptRunner.create({ dir: join(inTheWay, 'run') });
  expect(await runner.run('')).toMatchObject({ outcome: 'failed', reason: 'spawn_failed', detail: expect.stringContaining(inTheWay) });
  expect(await base.run('')).toMatchObject({ outcome: 'succeeded' });
});

test('a script that a signal of somebody else ends has failed, and by which', async () => {
  await using runner = await ScriptRunner.create();
  const outcome = await runner.run('echo before; kill -SEGV $$');
  expect(outcome).toMatchObject({ outcome: 'failed', reason: 'signal', detail: expect.stringContaining('SIGSEGV'), exitCode: null });
  expect(text(outcome.stdout)).toBe('before\n');
});

test('a result id that could name another folder is refused', async () => {
  await using runner = await ScriptRunner.create();
  await expect(runner.run('', { resultId: '../x' })).rejects.toMatchObject({ code: 'invalid_id' });
});
