import { createAccount, fromPublic, fromSeed } from '@nats-io/nkeys';
import { expect, test } from 'vitest';
import { signingNkey } from '#backend/identity/signing-nkey.ts';

test('it is the same key, and signs as the library does', () => {
  const key = createAccount();
  const quick = signingNkey(key);
  expect(quick.getPublicKey()).toBe(key.getPublicKey());
  expect(quick.getSeed()).toEqual(key.getSeed());
  const text = new TextEncoder().encode('what is signed');
  expect(quick.sign(text)).toEqual(key.sign(text));
  expect(fromPublic(key.getPublicKey()).verify(text, quick.sign(text))).toBe(true);
  expect(fromSeed(quick.getSeed()).getPublicKey()).toBe(quick.getPublicKey());
});
