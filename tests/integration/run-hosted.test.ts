import { existsSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { currentPlatform } from '#core/agent/platform/current.ts';
import type { ScriptRequest } from '#core/agent/run/script.ts';
import { RUN_TIMINGS } from '#core/agent/run/timings.ts';
import { PWSH } from '#tests/support/pwsh.ts';
import { ScriptRunner, said, text } from '#tests/support/script-runner.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

const QUICK = { ...RUN_TIMINGS, graceMs: 200, abandonMs: 600, quietMs: 200 };
const dir = await tempDir();
afterAll(() => dir[Symbol.asyncDispose]());
let hosts = 0;

/** The runner on a platform whose kanade-host is that script of sh: it plays what docs/windows-host.md says of `run`. */
async function hosted(...lines: string[]): Promise<ScriptRunner> {
  const host = join(dir.path, `host ${++hosts}`);
  await writeFile(host, `#!/bin/sh\n${lines.join('\n')}\n`);
  await chmod(host, 0o755);
  return ScriptRunner.create({ platform: { ...currentPlatform(), host }, timings: QUICK });
}

const USER: Partial<ScriptRequest> = { runAs: 'user', env: { GREETING: 'hello' } };
/** Its first argument is the folder. */
const RESULTS = 'report() { echo "$3" > "$1/result-$2.json"; }';

test('a script is run by the host, with its command line, its environment and its folder', async () => {
  await using runner = await hosted('echo "started $$" >&3', 'printf "%s\\n" "$*"; echo "$GREETING"; pwd >&2', 'echo "exit 7 left 0" >&3');
  const outcome = await runner.run('true', { args: ['a b', 'c"d', 'e\\'], env: { GREETING: 'hello' } });
  expect(text(outcome.stdout)).toMatch(/^run -- \/bin\/sh "\/[^"]+\/script\.sh" "a b" "c\\"d" e\\\nhello\n$/);
  expect(text(outcome.stderr)).toMatch(/\/work\n$/);
  expect(outcome).toMatchObject({ outcome: 'failed', exitCode: 7 });
  expect(outcome).not.toHaveProperty('detail');
  expect(await runner.folders()).toEqual([]);
});

test('what a script has left running is said', async () => {
  await using runner = await hosted('echo "started 5" >&3', 'echo "exit 0 left 2" >&3');
  const outcome = await runner.run('');
  expect(outcome).toMatchObject({ outcome: 'succeeded', exitCode: 0, detail: 'processes that it started and left running: 2' });
});

test('a script is asked to end first, and that nothing of it runs any more is said', async () => {
  await using runner = await hosted('echo "started 5" >&3; echo ready', 'read -r line; echo "$line"', 'echo "killed 9 left 0" >&3');
  const script = await runner.start('');
  await said(script, 'ready');
  script.kill('cancelled');
  const outcome = await script.done;
  expect(outcome).toMatchObject({ outcome: 'killed', reason: 'cancelled', exitCode: 9, detail: 'nothing that it started runs any more' });
  expect(text(outcome.stdout)).toBe('ready\nend\n');
});

test('one that does not obey is ended; the exit code of that is not its own', async () => {
  await using runner = await hosted(
    'echo "started 5" >&3',
    'while read -r line; do [ "$line" = kill ] && break; done',
    'echo "killed 1067 left 0" >&3',
  );
  const outcome = await runner.run('', { timeoutMs: 200 });
  expect(outcome).toMatchObject({
    outcome: 'timed_out',
    detail: 'it ran longer than 0.2 s; nothing that it started runs any more',
    exitCode: null,
  });
});

test('one that cannot be ended is abandoned, and the host hears the end of its input', async () => {
  const heard = join(dir.path, 'heard');
  await using runner = await hosted('echo "started 5" >&3', `while read -r line; do :; done; echo end > '${heard}'`, 'sleep 1');
  const outcome = await runner.run('', { timeoutMs: 100 });
  expect(outcome).toMatchObject({ outcome: 'timed_out', reason: 'abandoned', exitCode: null });
  await until('it has heard the end', async () => existsSync(heard));
});

test.for([
  ['failed spawn_failed C:\\no.exe: not found (2)', { outcome: 'failed', reason: 'spawn_failed', detail: expect.stringContaining('(2)') }],
  ['session 2 failed spawn_failed denied (5)', { outcome: 'failed', reason: 'spawn_failed', detail: 'denied (5)' }],
  ['skipped no_user_session', { outcome: 'skipped', reason: 'no_user_session' }],
  ['', { outcome: 'failed', reason: 'spawn_failed', detail: 'kanade-host ended before it had started the script' }],
] as const)('where the host says "%s" the script never ran', async ([line, expected]) => {
  await using runner = await hosted(`printf '%s\\n' '${line}' >&3; exit 125`);
  expect(await runner.run('', USER)).toMatchObject({ ...expected, neverRan: true, exitCode: null });
  expect(await runner.folders()).toEqual([]);
});

test('a script whose host was ended has failed: the host ends it with itself', async () => {
  await using runner = await hosted('echo "started 5" >&3', 'kill -9 $$');
  expect(await runner.run('')).toMatchObject({ outcome: 'failed', reason: 'signal', exitCode: null });
});

test('as a user: in which sessions, which folder is his to read, and which variables are the script', async () => {
  await using runner = await hosted('echo "session 2 started 5" >&3', 'echo "$*"', 'echo "session 2 exit 0 left 0" >&3');
  const first = await runner.run('', USER);
  expect(text(first.stdout)).toMatch(/^run --user first --folder "\/.*" --keep GREETING --keep KANADE_RESULT_ID -- \/bin\/sh /);
  const all = await runner.run('', { ...USER, sessions: 'all' });
  expect(text(all.stdout)).toMatch(/^run --user all /);
});

test('in several sessions, the first in which it did not succeed tells; the detail tells of each', async () => {
  await using runner = await hosted(
    'for s in 3 1 2; do echo "session $s started 5" >&3; done',
    'echo "session 3 exit 4 left 1" >&3; echo "session 1 exit 3010 left 0" >&3; echo "session 2 exit 6 left 0" >&3',
    'exit 4',
  );
  expect(await runner.run('', { ...USER, sessions: 'all' })).toMatchObject({
    outcome: 'failed',
    exitCode: 6,
    rebootRequired: true,
    detail:
      'session 1: succeeded with exit code 3010, session 2: failed with exit code 6, session 3: failed with exit code 4; processes that it started and left running: 1',
  });
});

test('a session in which it did not start is a failure although it ran in others', async () => {
  await using runner = await hosted(
    'echo "session 1 failed spawn_failed denied (5)" >&3; echo "session 2 started 5" >&3; echo "session 2 exit 0 left 0" >&3',
  );
  expect(await runner.run('', { ...USER, sessions: 'all' })).toMatchObject({
    outcome: 'failed',
    reason: 'spawn_failed',
    detail: 'denied (5); session 1: failed, session 2: succeeded with exit code 0',
  });
});

test('what the wrapper writes is read in each session from the file that is that user', async () => {
  await using runner = await hosted(
    RESULTS,
    'folder=$(dirname "$(pwd)")',
    `report "$folder" 1 '{"language_mode":"FullLanguage"}'`,
    `report "$folder" 2 '{"language_mode":"FullLanguage","error_record":{"message":"no such printer"}}'`,
    'for s in 1 2; do echo "session $s started 5" >&3; echo "session $s exit 0 left 0" >&3; done',
  );
  const outcome = await runner.run('', { ...USER, sessions: 'all', shell: 'pwsh' });
  expect(outcome).toMatchObject({ outcome: 'failed', errorRecord: { message: 'no such printer' } });
});

test.skipIf(PWSH === undefined)('the wrapper writes to that file, and the script does not see where', async () => {
  await using runner = await hosted(
    'while [ "$1" != -- ]; do shift; done; shift',
    'export KANADE_RESULT_FILE="$(dirname "$(pwd)")/result-4.json"; : > "$KANADE_RESULT_FILE"',
    'echo "session 4 started 5" >&3; eval "$*"; code=$?',
    'ls .. | grep "^result"; echo "session 4 exit $code left 0" >&3',
  );
  const outcome = await runner.run('"[$env:KANADE_RESULT_FILE]"; throw \'no such printer\'', { ...USER, shell: 'pwsh' });
  expect(outcome).toMatchObject({ outcome: 'failed', exitCode: 1, errorRecord: { message: 'no such printer' } });
  expect(text(outcome.stdout)).toBe('[]\nresult-4.json\n');
});

test('a link in place of that file is not followed', async () => {
  const secret = join(dir.path, 'secret.json');
  await writeFile(secret, '{"language_mode":"FullLanguage","error_record":{"message":"secret"}}');
  await using runner = await hosted(
    `ln -s '${secret}' ../result-1.json`,
    'echo "session 1 started 5" >&3; echo "session 1 exit 0 left 0" >&3',
  );
  const outcome = await runner.run('', { ...USER, shell: 'pwsh' });
  expect(outcome).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
  expect(outcome).not.toHaveProperty('errorRecord');
});

test('what the host notes goes to the log', async () => {
  await using runner = await hosted('echo "started 5" >&3; echo "note not_asked there is no console" >&3; echo "exit 0 left 0" >&3');
  await runner.run('');
  expect(runner.warnings).toEqual([expect.stringContaining('not_asked there is no console')]);
});

test('a report without an end is not kept in memory, and one that is held open is not waited for', async () => {
  await using runner = await hosted(
    'echo "started 5" >&3; echo "exit 3 left 0" >&3',
    'head -c 3000000 /dev/zero | tr "\\0" x >&3',
    'setsid sleep 20 >/dev/null 2>&1 </dev/null & exit 0',
  );
  expect(await runner.run('')).toMatchObject({ outcome: 'failed', exitCode: 3 });
});
