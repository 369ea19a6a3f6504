import { generateKeyPairSync } from 'node:crypto';
import { createAccount, createUser, fromPublic, fromSeed } from '@nats-io/nkeys';
import { expect, test } from 'vitest';
import { publicBytesOf } from '#core/contract/ed25519.ts';
import { privateKeyIn, userKeyIn, userSeedText, userText } from '#core/contract/nkey.ts';

test('what it writes the library reads, and the other way round', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const theirs = fromSeed(new TextEncoder().encode(userSeedText(privateKey)));
  expect(theirs.getPublicKey()).toBe(userText(privateKey));
  expect(() => fromPublic(userText(privateKey))).not.toThrow();
  const made = createUser();
  expect(userText(privateKeyIn(made.getSeed()))).toBe(made.getPublicKey());
  expect(publicBytesOf(userKeyIn(made.getPublicKey()))).toEqual(publicBytesOf(privateKeyIn(made.getSeed())));
});

test('what is no nkey of a user is refused: another kind, a changed letter, a seed in its place', () => {
  const user = createUser().getPublicKey();
  const changed = `${user.slice(0, 20)}${user[20] === 'A' ? 'B' : 'A'}${user.slice(21)}`;
  for (const text of [createAccount().getPublicKey(), changed, new TextDecoder().decode(createUser().getSeed()), 'U', ''])
    expect(() => userKeyIn(text)).toThrow();
  expect(() => privateKeyIn(new TextEncoder().encode(user))).toThrow();
});
