import { expect, test } from 'vitest';
import { buildResult } from '#core/agent/run/build-result.ts';
import { awaitTurn } from '#core/agent/run/order.ts';
import { decode } from '#core/contract/codec.ts';
import { ExecResult } from '#core/contract/result.ts';
import { INLINE_RESULT_MAX, OUTPUT_CHUNK } from '#core/contract/streams.ts';
import { BrokerClock } from '#core/nats/broker-clock.ts';

const said = {
  result_id: 'r',
  request_id: 'q',
  exec_id: 'e',
  pc_id: 'PC1',
  manifest_id: 'm',
  version: '1',
  exit_code: 0,
  outcome: 'succeeded' as const,
  started_at: null,
  finished_at: '2026-11-21T00:00:00.000Z',
};
const captured = (bytes: Uint8Array | string, total?: number) => {
  const all = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  return { bytes: all, total: total ?? all.length, truncated: total !== undefined };
};
const build = (stdout: Uint8Array | string, stderr: Uint8Array | string = '', encoding = 'utf-8') => {
  const built = buildResult(said, { stdout: captured(stdout), stderr: captured(stderr) }, encoding);
  return { ...built, result: decode(ExecResult, built.message) };
};

test('short UTF-8 output travels inside the message, every character of it', () => {
  const { result, chunks } = build('a\0\u0001é😀\r\n', 'oops');
  expect(result).toMatchObject({ stdout: 'a\0\u0001é😀\r\n', stderr: 'oops', stdout_bytes: 11, stderr_bytes: 4 });
  expect(result.stdout_chunks).toBeUndefined();
  expect(chunks).toEqual([]);
});

test('output that is no UTF-8 travels as bytes, with a preview in the console code page', () => {
  const sjis = new Uint8Array([0x93, 0xfa, 0x96, 0x7b]);
  const { result, chunks } = build(sjis, '', 'shift_jis');
  expect(result).toMatchObject({ stdout: '日本', stdout_chunks: 1 });
  expect(chunks).toEqual([{ stream: 'stdout', n: 0, bytes: sjis }]);
});

test('of two streams the longer one leaves the message first, and a control character counts as the six it becomes', () => {
  const { result, chunks, message } = build('\u0001'.repeat(100_000), 'short');
  expect(message.length).toBeLessThanOrEqual(INLINE_RESULT_MAX);
  expect(result.stdout_chunks).toBe(1);
  expect(result.stderr).toBe('short');
  expect(Buffer.concat(chunks.map((chunk) => chunk.bytes)).toString()).toBe('\u0001'.repeat(100_000));
});

test('eight megabytes of each travel in chunks that fit, in order', () => {
  const big = Buffer.alloc(8 * 1024 * 1024, 'xyz');
  const { result, chunks, message } = build(big, big);
  expect(message.length).toBeLessThanOrEqual(INLINE_RESULT_MAX);
  expect(result).toMatchObject({ stdout_chunks: 32, stderr_chunks: 32 });
  expect(chunks.every((chunk) => chunk.bytes.length <= OUTPUT_CHUNK)).toBe(true);
  expect(Buffer.concat(chunks.filter((c) => c.stream === 'stderr').map((c) => c.bytes)).equals(big)).toBe(true);
});

test('an error record of any length leaves the message a message', () => {
  const { message } = buildResult(
    { ...said, error_record: { message: '\u0001'.repeat(2_000_000), script_stack_trace: 'y'.repeat(2_000_000) } },
    { stdout: captured(''), stderr: captured('') },
    'utf-8',
  );
  expect(message.length).toBeLessThan(INLINE_RESULT_MAX);
});

test('those who wait in line go in the order they came, and one who leaves early holds up nobody', async () => {
  const order = awaitTurn();
  const signal = new AbortController().signal;
  const went: string[] = [];
  const [a, b, c] = [order.enter(), order.enter(), order.enter()];
  const waits = [c, b, a].map(async (leave, i) => {
    await order.myTurn(leave, signal);
    went.push('cba'[i]!);
    leave();
  });
  await Promise.all(waits);
  expect(went).toEqual(['a', 'b', 'c']);

  const [first, second] = [order.enter(), order.enter()];
  const stop = new AbortController();
  const waiting = order.myTurn(second, stop.signal);
  stop.abort(new Error('cancelled'));
  await expect(waiting).rejects.toThrow('cancelled');
  second();
  await order.myTurn(first, signal);
  first();
});

test('the time is the broker’s, whatever is done to the wall clock meanwhile', () => {
  let wall = 1_000_000;
  let mono = 0;
  const clock = new BrokerClock(
    () => wall,
    () => mono,
    -500_000,
  );
  expect(clock.now()).toBe(500_000);
  expect(clock.certain).toBe(false);
  clock.notBefore(600_000);
  expect(clock.now()).toBe(600_000);
  clock.anchor(700_000);
  mono = 1000;
  wall = 9_000_000;
  expect(clock.now()).toBe(701_000);
  expect(clock.offset).toBe(701_000 - 9_000_000);
});
