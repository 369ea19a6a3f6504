import { existsSync } from 'node:fs';
import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openNativeLibrary } from '#core/agent/platform/native-library.ts';
import { PcFactsWatch } from '#core/agent/report/pc-facts-watch.ts';
import { fakeEdge, putEdge } from '#tests/support/fake-edge.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

const GOOD = `{ logged_on_user: 'LAB\\\\ann', pending_reboot: ['file_rename'], defender: { real_time_protection: true }, faults: [] }`;
const TRIAL = 'pc-facts.trial';

/** A PC of its own, with a look every 5 ms, and what its log has been told. */
async function pc(edge: (folder: string) => Promise<unknown> = async () => {}) {
  const temp = await tempDir();
  const folder = join(temp.path, 'native');
  await edge(folder);
  const said: string[] = [];
  const warn = (fields: object) => void said.push((fields as { error: string }).error);
  const env: NodeJS.ProcessEnv = {};
  const watch = new PcFactsWatch({
    open: () => openNativeLibrary(folder, env),
    dataDir: temp.path,
    wall: Date.now,
    log: { ...quietLog, warn },
    every: 5,
    patience: 50,
  });
  const ended = new AbortController();
  let running = Promise.resolve();
  return {
    watch,
    said,
    env,
    trial: join(temp.path, TRIAL),
    start: () => {
      running = watch.run(ended.signal);
      return running;
    },
    async [Symbol.asyncDispose]() {
      ended.abort();
      await running;
      await temp[Symbol.asyncDispose]();
    },
  };
}

test('what .NET reads is what the heartbeat says, and no more', async () => {
  await using it = await pc((folder) => fakeEdge(folder, `(input, done) => setImmediate(done, null, { ...${GOOD}, secret: 1 })`));
  expect(it.watch.latest).toEqual({});
  void it.start();
  await until('it is read', () => it.watch.latest.logged_on_user !== undefined);
  expect(it.watch.latest).toEqual({
    logged_on_user: 'LAB\\ann',
    pending_reboot: ['file_rename'],
    defender: { real_time_protection: true },
  });
  await until('it has not ended the process', () => !existsSync(it.trial));
  expect(it.said).toEqual([]);
});

test.each([
  ['edge-js that is not there', async () => {}, /Cannot find module/],
  [
    'edge-js for another Node',
    (folder: string) => putEdge(folder, `throw new Error('has not been pre-compiled for node.js version v1')`),
    /pre-compiled/,
  ],
  [
    'a library that is not there',
    (folder: string) => putEdge(folder, `exports.func = () => { throw new Error('Could not load file or assembly') }`),
    /assembly/,
  ],
] as const)('%s leaves the facts out, and the log says so once', async (_what, edge, why) => {
  await using it = await pc(edge);
  await it.start();
  // An agent that begins anew.
  await it.start();
  expect(it.watch.latest).toEqual({});
  expect(it.said).toEqual([expect.stringMatching(why)]);
  expect(existsSync(it.trial)).toBe(false);
});

test.each([
  ['throws at once', `() => { throw new Error('no') }`, 'no'],
  ['answers with an exception of .NET', `(input, done) => done({ Message: 'no', name: 'System.Exception' })`, 'no'],
  ['answers what nobody asked for', `(input, done) => done(null, { logged_on_user: 'x'.repeat(300), faults: [] })`, /logged_on_user/],
  ['answers nothing', `(input, done) => done(null, null)`, /object/],
])('a call that %s takes the facts away, and the log says so once', async (_what, method, why) => {
  const goodOnce = `(() => { let n = 0; return (...a) => (n++ === 0 ? a[1](null, ${GOOD}) : (globalThis.calls = n, (${method})(...a))); })()`;
  await using it = await pc((folder) => fakeEdge(folder, goodOnce));
  void it.start();
  await until('it has failed', () => it.said.length > 0);
  expect(it.watch.latest).toEqual({});
  const calls = () => (globalThis as { calls?: number }).calls ?? 0;
  const before = calls();
  await until('it is tried again', () => calls() > before + 2);
  expect(it.said).toEqual([typeof why === 'string' ? why : expect.stringMatching(why)]);
});

test('a call that hangs is waited for no longer, holds up nothing, and is not made a second time until it comes back', async () => {
  const hangs = `(input, done) => { (globalThis.hung ??= []).push(done) }`;
  await using it = await pc((folder) => fakeEdge(folder, hangs));
  void it.start();
  await until('it is given up', () => it.said.length > 0);
  expect(it.said).toEqual(['no answer within 0.05 s']);
  const { hung } = globalThis as unknown as { hung: ((error: null, answer: object) => void)[] };
  await sleep(50);
  expect(hung.length).toBe(1);
  hung[0]!(null, {});
  await until('it is asked again', () => hung.length === 2);
  hung[1]!(null, { pending_reboot: [], faults: [] });
  await until('it has answered', () => it.watch.latest.pending_reboot !== undefined);
});

test('who stops does not wait for a call that hangs', async () => {
  await using it = await pc((folder) => fakeEdge(folder, '() => {}'));
  const running = it.start();
  await until('it is asked', () => existsSync(it.trial));
  await it[Symbol.asyncDispose]();
  await running;
  expect(it.said).toEqual([]);
});

test('one fact that cannot be read takes no other with it', async () => {
  await using it = await pc((folder) =>
    fakeEdge(folder, `(i, done) => done(null, { logged_on_user: '', faults: ['defender: no access'] })`),
  );
  void it.start();
  await until('it is read', () => it.watch.latest.logged_on_user === '');
  expect(it.watch.latest).toEqual({ logged_on_user: '' });
  expect(it.said).toEqual(['defender: no access']);
});

test('what has ended the agent is left alone for a day', async () => {
  await using it = await pc((folder) => fakeEdge(folder, `(input, done) => done(null, ${GOOD})`));
  await writeFile(it.trial, '');
  await it.start();
  expect([it.watch.latest, it.said]).toEqual([{}, ['the agent ended over this less than a day ago']]);
  expect(existsSync(it.trial)).toBe(true);

  await using later = await pc((folder) => fakeEdge(folder, `(input, done) => done(null, ${GOOD})`));
  await writeFile(later.trial, '');
  const yesterday = new Date(Date.now() - 86_500_000);
  await utimes(later.trial, yesterday, yesterday);
  void later.start();
  await until('it is tried again', () => later.watch.latest.logged_on_user !== undefined);
});

test('variables of edge-js say neither what the agent loads nor, afterwards, what a script does', async () => {
  const edge = (folder: string) =>
    putEdge(
      folder,
      `const env = globalThis.edgeEnv; if (env.EDGE_NATIVE !== undefined) throw new Error('led astray'); env.EDGE_NATIVE = 'ours'; env.EDGE_DEBUG = '1';
       exports.func = () => (i, done) => done(null, ${GOOD});`,
    );
  await using it = await pc(edge);
  Object.assign(it.env, { EDGE_NATIVE: 'theirs', PATH: '/bin' });
  Object.assign(globalThis, { edgeEnv: it.env });
  void it.start();
  await until('it is read', () => it.watch.latest.logged_on_user !== undefined);
  expect(it.env).toEqual({ EDGE_NATIVE: 'theirs', PATH: '/bin' });
});
