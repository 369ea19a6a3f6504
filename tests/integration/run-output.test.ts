import { expect, test } from 'vitest';
import { decodeOutput } from '#core/agent/run/decode-output.ts';
import { RUN_TIMINGS } from '#core/agent/run/timings.ts';
import { OUTPUT_MAX } from '#core/contract/streams.ts';
import { ScriptRunner, said, text } from '#tests/support/script-runner.ts';

test('1 GB of output is counted to the last byte and kept in bounded memory', async () => {
  await using runner = await ScriptRunner.create();
  const before = process.memoryUsage().rss;
  const { outcome, stdout } = await runner.run('echo begin; head -c 1G /dev/zero; echo end');
  expect(outcome).toBe('succeeded');
  expect(stdout.total).toBe(2 ** 30 + 10);
  expect(stdout.truncated).toBe(true);
  expect(stdout.bytes.length).toBeLessThanOrEqual(OUTPUT_MAX);
  expect(stdout.bytes.length).toBeGreaterThan(OUTPUT_MAX - 200);
  expect(text({ bytes: stdout.bytes.subarray(0, 6) })).toBe('begin\n');
  expect(text({ bytes: stdout.bytes.subarray(-4) })).toBe('end\n');
  expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
});

test('10 MB without a newline lose their middle, and the gap says how much', async () => {
  await using runner = await ScriptRunner.create();
  const { stdout } = await runner.run("head -c 10000000 /dev/zero | tr '\\0' x");
  const kept = text(stdout);
  const [, left, total] = /^x+\n\[Kanade: (\d+) of (\d+) bytes left out here\]\nx+$/.exec(kept) ?? [];
  expect(Number(total)).toBe(10_000_000);
  expect(kept.replace(/[^x]/g, '').length).toBe(10_000_000 - Number(left));
});

test('invalid UTF-8, CP932 and control bytes come back byte for byte', async () => {
  await using runner = await ScriptRunner.create();
  const invalid = (await runner.run("printf 'a\\377\\376b'")).stdout.bytes;
  expect(Buffer.from(invalid)).toEqual(Buffer.from([0x61, 0xff, 0xfe, 0x62]));
  const cp932 = (await runner.run("printf '\\223\\372\\226\\173'")).stdout.bytes;
  expect(decodeOutput(cp932, 'shift_jis')).toEqual({ text: '日本', exact: false });
  const control = (await runner.run("printf '\\000\\001\\033[31m\\007\\177'")).stdout.bytes;
  expect(decodeOutput(control, 'utf-8')).toEqual({ text: '\0\u0001\u001b[31m\u0007\u007f', exact: true });
});

test('a script that closes its stdout goes on to its end', async () => {
  await using runner = await ScriptRunner.create();
  const outcome = await runner.run('echo out; exec >&-; sleep 0.2; echo err >&2; exit 3');
  expect(outcome).toMatchObject({ outcome: 'failed', exitCode: 3 });
  expect([text(outcome.stdout), text(outcome.stderr)]).toEqual(['out\n', 'err\n']);
});

test('what a running script has written can be read by offset', async () => {
  await using runner = await ScriptRunner.create();
  const script = await runner.start('echo one; echo two >&2; sleep 60');
  await said(script, 'one');
  expect(script.tail.stdout.read(2)).toEqual({ from: 2, data: Buffer.from('e\n'), next: 4 });
  script.kill('cancelled');
  expect(text((await script.done).stderr)).toBe('two\n');
});

test('a process left behind that holds the pipe delays the result only briefly and lives on', async () => {
  const timings = { ...RUN_TIMINGS, quietMs: 100, drainMs: 1000 };
  await using runner = await ScriptRunner.create({ timings });
  const resultId = runner.nextId();
  const outcome = await runner.run('setsid sleep 300 & echo done', { resultId });
  expect(outcome).toMatchObject({ outcome: 'succeeded', exitCode: 0 });
  expect(text(outcome.stdout)).toBe('done\n');
  expect(await runner.alive(resultId)).toBe(1);
});

test('a process left behind that never stops writing is not waited for either', async () => {
  const timings = { ...RUN_TIMINGS, quietMs: 200, drainMs: 600 };
  await using runner = await ScriptRunner.create({ timings });
  const outcome = await runner.run('(while :; do echo more; sleep 0.01; done) & echo done');
  expect(outcome.outcome).toBe('succeeded');
  expect(text(outcome.stdout)).toContain('more\n');
});
