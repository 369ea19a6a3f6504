import { expect, test } from 'vitest';
import { type Release, Turns } from '#core/agent/run/turns.ts';

/** Asks for a turn, and notes whose turn it is when it comes. */
function noting(turns: Turns, order: string[]): (name: string) => Promise<Release> {
  return async (name) => {
    const release = await turns.acquire();
    order.push(name);
    return release;
  };
}

test('as many as the limit run at once, the rest in the order of asking', async () => {
  const turns = new Turns(() => 2);
  const order: string[] = [];
  const ask = noting(turns, order);
  const [a, b] = await Promise.all([ask('a'), ask('b')]);
  const c = ask('c');
  const d = ask('d');
  expect(turns.waiting).toBe(2);
  b();
  const releaseC = await c;
  expect(order).toEqual(['a', 'b', 'c']);
  a();
  (await d)();
  releaseC();
  expect(order).toEqual(['a', 'b', 'c', 'd']);
  expect(turns.waiting).toBe(0);
});

test('a newcomer cannot take the turn of one who waits', async () => {
  const turns = new Turns(() => 1);
  const order: string[] = [];
  const release = await turns.acquire();
  const ask = noting(turns, order);
  const waiter = ask('waiter');
  release();
  const newcomer = ask('newcomer');
  (await waiter)();
  (await newcomer)();
  expect(order).toEqual(['waiter', 'newcomer']);
});

test('one who stops waiting takes no turn', async () => {
  const turns = new Turns(() => 1);
  const release = await turns.acquire();
  const gone = new AbortController();
  const left = turns.acquire(gone.signal);
  const next = turns.acquire();
  gone.abort(new Error('not wanted any more'));
  await expect(left).rejects.toThrow('not wanted any more');
  release();
  (await next)();
  await expect(turns.acquire(gone.signal)).rejects.toThrow('not wanted any more');
  (await turns.acquire())();
});

test('a turn that has begun does not end with the signal, and is given back once only', async () => {
  const turns = new Turns(() => 1);
  const controller = new AbortController();
  const release = await turns.acquire();
  const second = turns.acquire(controller.signal);
  release();
  release();
  const giveBack = await second;
  controller.abort();
  const third = turns.acquire();
  expect(turns.waiting).toBe(1);
  giveBack();
  (await third)();
});

test('a limit that is raised lets those go on who wait, one that is lowered counts as turns come back', async () => {
  let limit = 1;
  const turns = new Turns(() => limit);
  const order: string[] = [];
  const ask = noting(turns, order);
  const a = await ask('a');
  const [b, c, d] = [ask('b'), ask('c'), ask('d')];
  limit = 3;
  turns.reconsider();
  const releases = [a, await b, await c];
  expect([order, turns.waiting]).toEqual([['a', 'b', 'c'], 1]);
  limit = 1;
  turns.reconsider();
  releases[0]!();
  releases[1]!();
  expect(turns.waiting).toBe(1);
  releases[2]!();
  (await d)();
  expect(order).toEqual(['a', 'b', 'c', 'd']);
});

test('all turns are had once those who asked before have given theirs back, and then nobody has one', async () => {
  const turns = new Turns(() => 2);
  const order: string[] = [];
  const ask = noting(turns, order);
  const running = await ask('running');
  const all = turns.acquireAll(new AbortController().signal).then((release) => {
    order.push('all');
    return release;
  });
  const later = ask('later');
  running();
  const release = await all;
  expect(order).toEqual(['running', 'all']);
  release();
  (await later)();
  expect(order).toEqual(['running', 'all', 'later']);
});

test('whoever stops waiting for all turns leaves none taken', async () => {
  const turns = new Turns(() => 2);
  const running = await turns.acquire();
  const stop = new AbortController();
  const all = turns.acquireAll(stop.signal);
  const later = turns.acquire();
  stop.abort(new Error('enough'));
  await expect(all).rejects.toThrow('enough');
  (await later)();
  running();
  (await turns.acquireAll(new AbortController().signal))();
});
