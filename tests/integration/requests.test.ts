import { afterAll, beforeAll, expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import { connectNats, type Nats } from '#core/nats/connection.ts';
import { startTestBroker, type TestBroker } from '#tests/support/broker.ts';
import { quietLog } from '#tests/support/quiet-log.ts';

let broker: TestBroker;
let nats: Nats;
let server: Nats;
const stop = new AbortController();
const nothing = new Uint8Array();

beforeAll(async () => {
  const users = `{ user: asker, password: a, permissions: { publish: ["echo.>", "silent", "nobody"], subscribe: ["_INBOX_ME.>"] } }
    { user: all, password: a }`;
  broker = await startTestBroker({ config: `authorization { users: [ ${users} ] }` });
  server = await link('all');
  nats = await link('asker');
  server.subscribe('echo.>', (m) => server.publish(m.reply!, encode({ subject: m.subject, header: m.header('Some') })));
  server.subscribe('silent', () => {});
  await server.flush();
});

afterAll(async () => {
  await nats.close();
  await server.close();
  stop.abort();
  await broker[Symbol.asyncDispose]();
});

function link(user: string): Promise<Nats> {
  const mono = () => performance.now();
  const rest = { name: user, inboxPrefix: '_INBOX_ME', signal: stop.signal, random: Math.random, mono, wall: Date.now, log: quietLog };
  return connectNats({ servers: broker.url, user, pass: 'a', ...rest });
}

test('a thousand requests at once each get their own answer', async () => {
  const asked = Array.from({ length: 1000 }, (_, n) => nats.request(`echo.${n}`, nothing));
  const answers = await Promise.all(asked);
  expect(answers.map((answer) => JSON.parse(new TextDecoder().decode(answer.data)).subject)).toEqual(
    Array.from({ length: 1000 }, (_, n) => `echo.${n}`),
  );
});

test('headers go with a request', async () => {
  const answer = await nats.request('echo.headers', nothing, { headers: { Some: 'thing' } });
  expect(JSON.parse(new TextDecoder().decode(answer.data))).toEqual({ subject: 'echo.headers', header: 'thing' });
});

test('nobody there, no answer in time, not allowed and too large each say so', async () => {
  await expect(nats.request('nobody', nothing)).rejects.toMatchObject({ code: 'broker_unavailable', message: 'nothing answers nobody' });
  await expect(nats.request('silent', nothing, { timeout: 50 })).rejects.toMatchObject({
    code: 'broker_unavailable',
    message: 'no answer in time from silent',
  });
  await expect(nats.request('secret', nothing)).rejects.toMatchObject({ code: 'forbidden' });
  await expect(nats.request('echo.big', new Uint8Array(nats.maxPayload + 1))).rejects.toMatchObject({ code: 'oversized' });
});

test('who waits for an answer when the connection is closed is told at once', async () => {
  const other = await link('asker');
  const waiting = other.request('silent', nothing, { timeout: 60_000 });
  await other.flush();
  const told = expect(waiting).rejects.toMatchObject({ code: 'broker_unavailable' });
  await other.close();
  await told;
});

test('requests go on after the broker was away', async () => {
  const again = nats.tracker.connectedAgain.next(stop.signal);
  const serverAgain = server.tracker.connectedAgain.next(stop.signal);
  await broker.restart();
  await Promise.all([again, serverAgain]);
  await server.flush();
  expect((await nats.request('echo.after', nothing)).status).toBe(0);
});
