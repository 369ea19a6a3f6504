import { expect, test } from 'vitest';
import { scriptBody } from '#core/agent/run/script-body.ts';
import { lockBlob } from '#core/contract/blob.ts';
import type { Command } from '#core/contract/command.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { sha256 } from '#core/contract/ids.ts';
import type { Message, Nats } from '#core/nats/connection.ts';
import { quietLog } from '../support/quiet-log.ts';

const body = new TextEncoder().encode('echo "ä"\r\n');
const base = { id: 'ad-hoc', version: '1', request_id: 'r', shell: 'sh', timeout_secs: 1 } as const;
const long: Command = { ...base, script_sha256: sha256(body) };
const never = new AbortController().signal;

/** A connection that answers each direct get by the next of these. */
function answering(...answers: (() => Partial<Message>)[]): Nats {
  return { request: async () => ({ status: 0, header: () => undefined, ...answers.shift()!() }) } as unknown as Nats;
}
const away = () => {
  throw new KanadeError('broker_unavailable', 'no answer');
};
const fetchIt = (nats: Nats, expired = () => false, signal = never) =>
  scriptBody({ nats: () => nats, log: quietLog, expired }, long, signal);

test('a short script lies in the command itself', async () => {
  const nats = answering();
  expect(await scriptBody({ nats: () => nats, log: quietLog, expired: () => false }, { ...base, script: 'é' }, never)).toEqual(
    new TextEncoder().encode('é'),
  );
});

test('a long one comes from the broker, tried again until there is an answer', async () => {
  expect(await fetchIt(answering(away, () => ({ data: lockBlob(body).locked })))).toEqual(Buffer.from(body));
});

test('the broker may say that it has none, or have other bytes under that hash', async () => {
  expect(await fetchIt(answering(() => ({ status: 404 })))).toBe('missing');
  expect(await fetchIt(answering(() => ({ data: new Uint8Array([1]) })))).toBe('missing');
  expect(await fetchIt(answering(() => ({ data: lockBlob(new Uint8Array([1])).locked })))).toBe('missing');
  expect(await fetchIt(answering(() => ({ data: body })))).toBe('missing');
});

test('nobody waits for the body of a command that has expired meanwhile', async () => {
  const expiries = [false, true];
  expect(await fetchIt(answering(away), () => expiries.shift()!)).toBe('expired');
});

test('a stop ends the wait', async () => {
  const stop = new AbortController();
  const waiting = fetchIt(answering(away, away, away), () => false, stop.signal);
  stop.abort();
  await expect(waiting).rejects.toThrow();
});
