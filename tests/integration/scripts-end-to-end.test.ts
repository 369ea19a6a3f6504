import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { resultId } from '#core/contract/ids.ts';
import { OUTPUT_MAX } from '#core/contract/streams.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { aliveUnder, endAllUnder } from '#tests/support/script-processes.ts';
import { until } from '#tests/support/until.ts';

const { kanade } = await kanadeOfFile();

beforeAll(async () => {
  await kanade.readyAgent('pc1');
});

const FINAL = ['succeeded', 'failed', 'timed_out', 'killed', 'unknown', 'skipped'];

async function start(script: string, more: object = {}): Promise<string> {
  return kanade.backend.submit({ script, target: { pcs: ['PC1'] }, ...more });
}

/** The result as the API tells it, once the script has come to its end. */
async function run(script: string, more: object = {}): Promise<Json> {
  const exec = await start(script, more);
  const { result_id: id, ...row } = await kanade.backend.inState(exec, 'pc1', ...FINAL);
  const result = await kanade.backend.get(`/results/${id}`);
  expect(result).toMatchObject({ reason: row.reason, exit_code: row.exit_code, started_at: row.started_at, exec_id: exec });
  return { ...result, state: row.state };
}

async function bytesOf(id: string, name: 'stdout' | 'stderr' = 'stdout'): Promise<{ bytes: Buffer; headers: Headers }> {
  const authorization = `Bearer ${kanade.backend.token}`;
  const response = await fetch(`${kanade.backend.url}/api/v1/results/${id}/${name}`, { headers: { authorization } });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return { bytes: Buffer.from(await response.arrayBuffer()), headers: response.headers };
}

/** A file the test has made, for scripts to print: its bytes are known without a shell's help. */
async function fileOf(name: string, bytes: Buffer): Promise<string> {
  const path = join(kanade.dir, name);
  await writeFile(path, bytes);
  return path;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const rss = async () => (await kanade.backend.call('POST', '/agents/pc1/ping')).body.heartbeat.rss_bytes as number;

test('grandchildren end with their script when its time is over', async () => {
  const exec = await start('sh -c "sleep 300 & sleep 300 & wait" & sleep 300 & sleep 300', { timeout: '1s' });
  const row = await kanade.backend.inState(exec, 'pc1', 'timed_out');
  expect(row).toMatchObject({ reason: null });
  expect(await kanade.backend.get(`/results/${row.result_id}`)).toMatchObject({ outcome: 'timed_out', detail: 'it ran longer than 1 s' });
  expect(await aliveUnder(row.result_id)).toBe(0);
});

test('a script that ignores SIGTERM, and its children that do too, is ended all the same', async () => {
  const result = await run("trap '' TERM INT HUP; echo begun; sh -c 'trap \"\" TERM; sleep 300' & while :; do sleep 1; done", {
    timeout: '1s',
  });
  expect(result).toMatchObject({ state: 'timed_out', stdout: 'begun\n' });
  expect(await aliveUnder(result.result_id)).toBe(0);
});

test('a running script that ignores SIGTERM is ended by a cancellation', async () => {
  const exec = await start("trap '' TERM; echo begun; while :; do sleep 1; done");
  const { result_id: id } = await kanade.backend.inState(exec, 'pc1', 'running');
  expect((await kanade.backend.call('POST', `/executions/${exec}/cancel`)).body).toEqual({ cancelled: 1 });
  expect(await kanade.backend.inState(exec, 'pc1', 'killed')).toMatchObject({ reason: 'cancelled' });
  expect(await aliveUnder(id)).toBe(0);
});

test('one that holds the pipe, and one that forks away, keep nobody waiting', async () => {
  for (const script of [
    'sleep 300 & echo done',
    'setsid sleep 300 </dev/null >/dev/null 2>&1 & echo done',
    '(setsid sh -c "sleep 300" &) ; echo done',
  ]) {
    const result = await run(script, { timeout: '120s' });
    expect(result).toMatchObject({ state: 'succeeded', exit_code: 0, stdout: 'done\n' });
    await endAllUnder(result.result_id);
  }
});

test('a script that closes its stdout is waited for to its end', async () => {
  const result = await run('echo out; exec >&- 2>&-; sleep 1; exit 3');
  expect(result).toMatchObject({ state: 'failed', exit_code: 3, stdout: 'out\n', stderr: '' });
});

test('1 GB of output is counted to the last byte, and the PC keeps the beginning, the end and its memory', async () => {
  const before = await rss();
  let most = before;
  const exec = await start('echo begin; head -c 1G /dev/zero; echo end; echo "to the end" >&2');
  const row = await until(
    '1 GB has been printed',
    async () => {
      most = Math.max(most, await rss());
      const target = await kanade.backend.target(exec, 'pc1');
      return FINAL.includes(target.state) && target;
    },
    90_000,
  );
  expect(row.state).toBe('succeeded');
  const total = 2 ** 30 + 10;
  const result = await kanade.backend.get(`/results/${row.result_id}`);
  expect(result).toMatchObject({ stdout_bytes: total, stdout_truncated: true, stderr: 'to the end\n', stderr_truncated: false });
  const { bytes, headers } = await bytesOf(row.result_id);
  expect(headers.get('x-kanade-total-bytes')).toBe(String(total));
  expect(headers.get('x-kanade-truncated')).toBe('true');
  expect(bytes.length).toBeLessThanOrEqual(OUTPUT_MAX);
  expect(bytes.subarray(0, 6).toString()).toBe('begin\n');
  expect(bytes.subarray(-4).toString()).toBe('end\n');
  const marker = /\n\[Kanade: (\d+) of (\d+) bytes left out here\]\n/.exec(bytes.toString('latin1'))!;
  expect(Number(marker[2])).toBe(total);
  expect(bytes.length - marker[0].length + Number(marker[1])).toBe(total);
  most = Math.max(most, await rss());
  expect(most - before).toBeLessThan(200 * 1024 * 1024);
}, 180_000);

test('10 MB without a newline come back equal but for the middle, which is counted', async () => {
  const text = Buffer.from(randomBytes(7_500_000).toString('base64').replaceAll('\n', ''));
  expect(text.length).toBe(10_000_000);
  const result = await run(`cat '${await fileOf('long', text)}'`);
  expect(result).toMatchObject({ state: 'succeeded', stdout_bytes: 10_000_000, stdout_truncated: true });
  const { bytes } = await bytesOf(result.result_id);
  const marker = /\n\[Kanade: (\d+) of 10000000 bytes left out here\]\n/.exec(bytes.toString('latin1'))!;
  const [head, tail] = [bytes.subarray(0, marker.index), bytes.subarray(marker.index + marker[0].length)];
  expect(head.equals(text.subarray(0, head.length))).toBe(true);
  expect(tail.equals(text.subarray(-tail.length))).toBe(true);
  expect(head.length + tail.length + Number(marker[1])).toBe(text.length);
});

const CONTROL = Buffer.alloc(200_000, 1);
const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, i) => i));

test.each([
  ['nothing', Buffer.alloc(0)],
  ['UTF-8 with a byte order mark', Buffer.from('\ufeffäöü 日本 😀\r\n')],
  ['invalid UTF-8', Buffer.from([0x61, 0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0x62])],
  ['CP932', Buffer.from([0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea, 0x0d, 0x0a])],
  ['every byte there is', EVERY_BYTE],
  ['200,000 control bytes', CONTROL],
  ['100,000 bytes of NUL', Buffer.alloc(100_000)],
  ['8 MiB at the cap of random bytes', randomBytes(OUTPUT_MAX - 128)],
  ['600,000 bytes of text', Buffer.from('é'.repeat(300_000))],
])('%s is given back byte for byte, of both streams', async (name, bytes) => {
  const path = await fileOf(`bytes ${name}`, bytes);
  const result = await run(`cat '${path}'; cat '${path}' >&2`);
  expect(result).toMatchObject({ state: 'succeeded', stdout_bytes: bytes.length, stderr_bytes: bytes.length, stdout_truncated: false });
  for (const stream of ['stdout', 'stderr'] as const) {
    const { bytes: back, headers } = await bytesOf(result.result_id, stream);
    expect(headers.get('content-length')).toBe(String(bytes.length));
    expect(sha256(back)).toBe(sha256(bytes));
  }
});

test('text is shown as text, control characters and all', async () => {
  const result = await run("printf 'a\\033[31m\\001b'; printf 'caf\\303\\251' >&2");
  expect(result).toMatchObject({ stdout: 'a\u001b[31m\u0001b', stderr: 'café', stdout_chunks: 0 });
});

test.each([
  ['exit 126', {}, { state: 'failed', exit_code: 126, reason: null }],
  ['exit 127', {}, { state: 'failed', exit_code: 127 }],
  ['exit 255', {}, { state: 'failed', exit_code: 255 }],
  ['', {}, { state: 'succeeded', exit_code: 0, stdout: '', stderr: '', stdout_bytes: 0, started_at: expect.any(String) }],
  ['exit 7', { success_exit_codes: [7, 9] }, { state: 'succeeded', exit_code: 7 }],
  ['exit 0', { success_exit_codes: [7] }, { state: 'failed', exit_code: 0 }],
  ['kill -KILL $$', {}, { state: 'failed', exit_code: null, reason: 'signal', detail: expect.stringContaining('SIGKILL') }],
  ['no-such-program', {}, { state: 'failed', exit_code: 127, stderr: expect.stringContaining('no-such-program') }],
  [
    'true',
    { cwd: '/no/such/folder' },
    { state: 'failed', exit_code: null, reason: 'cwd_missing', started_at: null, detail: expect.stringContaining('/no/such/folder') },
  ],
  ['true', { run_as: 'user' }, { state: 'skipped', exit_code: null, reason: 'unsupported', started_at: null }],
  ['dir', { shell: 'cmd' }, { state: 'skipped', exit_code: null, reason: 'unsupported', detail: expect.stringContaining('cmd') }],
  [
    "'x'",
    { shell: 'powershell' },
    { state: 'skipped', exit_code: null, reason: 'unsupported', detail: 'powershell exists on Windows only' },
  ],
])('%j with %j ends as %j', async (script, more, expected) => {
  expect(await run(script, more)).toMatchObject(expected);
});

test('a script of 1,000,000 bytes arrives as it is', async () => {
  const begin = 'wc -c < "$0"; sha256sum < "$0"\n#';
  const script = begin + '\u0001é'.repeat(333_400).slice(0, Math.floor((1_000_000 - begin.length - 1) / 3) * 2);
  const padded = Buffer.concat([Buffer.from(script), Buffer.alloc(1_000_000 - Buffer.byteLength(script), 'x')]).toString();
  expect(Buffer.byteLength(padded)).toBe(1_000_000);
  const result = await run(padded);
  expect(result.stdout).toBe(`1000000\n${sha256(Buffer.from(padded))}  -\n`);
  const refused = await kanade.backend.call('POST', '/executions', { shell: 'sh', script: `${padded}x`, target: { pcs: ['PC1'] } });
  expect(refused).toMatchObject({ status: 413, body: { code: 'script_too_large' } });
});

test('a script is not changed on its way, whatever its line ends', async () => {
  for (const end of ['\n', '\r\n', '']) {
    const script = `sha256sum < "$0" #${end}# \ufeff ä "日本" \u2028 $x \\n${end}`;
    expect((await run(script)).stdout).toBe(`${sha256(Buffer.from(script))}  -\n`);
  }
});

test('arguments arrive as they are', async () => {
  const args = [
    `it's "quoted" $(id) \`id\` $HOME \\ \\\\ %PATH% ! * ? ~`,
    'two\nlines\r\n\ttab',
    '',
    ' ',
    '-x',
    '--',
    'café 日本 😀',
    '2024-01-02T03:04:05Z',
    42,
    -1.5,
    true,
    false,
    "'; touch /tmp/never; '",
  ];
  const result = await run('for a in "$@"; do printf "%s\\0" "$a"; done; printf "%s" "$#"', { args });
  expect(result.stdout).toBe(args.map((arg) => `${arg}\0`).join('') + args.length);
});

test('environment and folder are as asked for', async () => {
  const cwd = join(kanade.dir, "a folder $(x) 'é");
  await mkdir(cwd);
  const env = { GREETING: 'it\'s "here" $(id)\nand there', EMPTY: '', VU_2: '日本' };
  const result = await run('printf "%s|%s|%s|" "$GREETING" "$EMPTY" "$VU_2"; pwd', { cwd, env });
  expect(result.stdout).toBe(`${env.GREETING}||日本|${cwd}\n`);
  const own = await run('pwd; ls -A; env');
  expect(own.stdout).toContain(`/run/${own.result_id}/work\n`);
  expect(own.stdout).not.toMatch(/^(KANADE_NATS|KANADE_OPEN|NODE_OPTIONS)=/m);
});

test('scripts start in the order in which they were sent', async () => {
  const file = join(kanade.dir, 'order');
  const execs: string[] = [];
  for (let i = 0; i < 20; i++) execs.push(await start(`echo ${i} >> '${file}'`));
  for (const exec of execs) await kanade.backend.inState(exec, 'pc1', 'succeeded');
  const rows = await Promise.all(execs.map((exec) => kanade.backend.target(exec, 'pc1')));
  const startedAt = rows.map((row) => Date.parse(row.started_at));
  expect(startedAt).toEqual([...startedAt].sort((a, b) => a - b));
  expect((await readFile(file, 'utf8')).split('\n').length).toBe(21);
});

test('the id of a result is known beforehand', async () => {
  const exec = await start('true');
  expect((await kanade.backend.inState(exec, 'pc1', 'succeeded')).result_id).toBe(resultId(exec, 'PC1'));
});
