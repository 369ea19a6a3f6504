import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { sha256 } from '#core/contract/ids.ts';
import { type ReleaseSource, type ReleaseSourceOptions, releaseSource } from '#core/release/release-source.ts';

const BYTES = Buffer.alloc(300_000, 'a release is the same at any time and anywhere. ');
const HASH = sha256(BYTES);

type Handler = (req: IncomingMessage, res: ServerResponse) => void;
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server that gives one answer after the other, the last one again and again; and what it was asked. */
async function serving(...answers: Handler[]): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((req, res) => {
    asked.push(req.url!);
    answers[Math.min(asked.length, answers.length) - 1]!(req, res);
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const whole: Handler = (_, res) => res.setHeader('Content-Length', BYTES.length).end(BYTES);
const cutAfter =
  (bytes: number): Handler =>
  (_, res) => {
    res.setHeader('Content-Length', BYTES.length);
    res.write(BYTES.subarray(0, bytes), () => setImmediate(() => res.destroy()));
  };
const status =
  (code: number, headers: Record<string, string> = {}): Handler =>
  (_, res) =>
    res.writeHead(code, headers).end('{}');

function sourceOf(urls: string[], more: Partial<ReleaseSourceOptions> = {}): { source: ReleaseSource; slept: number[] } {
  const slept: number[] = [];
  const sleep = async (ms: number, signal: AbortSignal) => {
    slept.push(ms);
    signal.throwIfAborted();
  };
  return { source: releaseSource({ urls, env: {}, random: () => 0.5, sleep, ...more }), slept };
}

async function read(source: ReleaseSource, signal = AbortSignal.timeout(30_000)): Promise<Buffer> {
  const parts = [];
  for await (const part of source.fetch(HASH, BYTES.length, signal)) parts.push(part);
  return Buffer.concat(parts);
}

describe('the files of a release', () => {
  it('are asked for by their hash', async () => {
    const { url, asked } = await serving(whole);
    using source = sourceOf([url]).source;
    expect((await read(source)).equals(BYTES)).toBe(true);
    expect(asked).toEqual([`/api/v1/releases/files/${HASH}`]);
  });

  it('go on where they broke off, at the next server', async () => {
    const one = await serving(cutAfter(100_000));
    const two = await serving(cutAfter(200_000), whole);
    const { source, slept } = sourceOf([one.url, two.url]);
    using _ = source;
    expect((await read(source)).equals(BYTES)).toBe(true);
    expect([one.asked.length, two.asked.length]).toEqual([2, 2]);
    expect(slept).toEqual([2000, 2000, 4000]);
  });

  it('are waited for when the server is busy, not before it says and not all at once', async () => {
    const busy = status(503, { 'Retry-After': '30' });
    const { url, asked } = await serving(...Array<Handler>(20).fill(busy), status(429, { 'Retry-After': '5' }), whole);
    const { source, slept } = sourceOf([url]);
    using _ = source;
    expect((await read(source)).equals(BYTES)).toBe(true);
    expect(asked).toHaveLength(22);
    expect(slept).toEqual([...Array(20).fill(45_000), 7500]);
  });

  it('are given up when nothing comes of them for long, with why', async () => {
    const { url, asked } = await serving(status(404));
    const { source, slept } = sourceOf([url]);
    using _ = source;
    await expect(read(source)).rejects.toMatchObject({ code: 'not_found' });
    expect(asked).toHaveLength(8);
    expect(slept).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    const failing = await serving(status(500));
    await expect(read(sourceOf([failing.url]).source)).rejects.toMatchObject({ code: 'server_unreachable' });
  });

  it('are not waited for any longer than the caller wants', async () => {
    const { url } = await serving(status(503, { 'Retry-After': '30' }));
    const abort = new AbortController();
    const sleep = async (_: number, signal: AbortSignal) => {
      abort.abort(new Error('enough'));
      signal.throwIfAborted();
    };
    using source = sourceOf([url], { sleep }).source;
    await expect(read(source, abort.signal)).rejects.toThrow('enough');
  });

  it('are asked for again when a server falls silent in the middle', async () => {
    const silent: Handler = (_, res) => void res.setHeader('Content-Length', BYTES.length).write(BYTES.subarray(0, 10));
    const { url, asked } = await serving(silent, whole);
    using source = sourceOf([url], { patience: 300 }).source;
    expect((await read(source)).equals(BYTES)).toBe(true);
    expect(asked).toHaveLength(2);
  });
});

describe('the envelope of a release', () => {
  it('is what its hash says, or nothing', async () => {
    const { url } = await serving(whole, status(200));
    using source = sourceOf([url]).source;
    expect(Buffer.from(await source.envelope(HASH, AbortSignal.timeout(30_000))).equals(BYTES)).toBe(true);
    await expect(source.envelope(HASH, AbortSignal.timeout(30_000))).rejects.toMatchObject({ code: 'release_file_wrong' });
  });

  it('ends where no envelope is longer', async () => {
    const endless: Handler = (_, res) => {
      const pour = () => res.writable && res.write(Buffer.alloc(65_536), pour);
      pour();
    };
    const { url } = await serving(endless);
    using source = sourceOf([url]).source;
    await expect(source.envelope(HASH, AbortSignal.timeout(30_000))).rejects.toMatchObject({ code: 'release_file_wrong' });
  });
});
