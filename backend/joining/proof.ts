import { type KeyObject, verify } from 'node:crypto';
import { Prefix } from 'nkeys.js';
import { Codec } from 'nkeys.js/lib/codec.js';
import { publicKeyFrom } from '#core/contract/ed25519.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { type JoinRequest, joinText } from '#core/contract/joining.ts';
import { ACCOUNTS } from '../identity/accounts.ts';

/** Throws `join_proof_invalid` unless whoever asks has every key that it names. */
export function checkJoinProof(codeId: string, request: JoinRequest): void {
  const { command_key, signing_keys, signatures, nonce } = request;
  const text = joinText(nonce, codeId, request);
  const check = (what: string, key: KeyObject, signature: string) => {
    if (!verify(null, text, key, Buffer.from(signature, 'base64url')))
      throw new KanadeError('join_proof_invalid', `the signature by its key for ${what} is not by this key, or over something else`);
  };
  check('commands', publicKeyFrom(Buffer.from(command_key.public_key, 'base64url')), signatures.command);
  for (const account of ACCOUNTS) check(account, accountKeyOf(signing_keys[account]), signatures[account]);
}

function accountKeyOf(publicKey: string): KeyObject {
  try {
    return publicKeyFrom(Codec.decode(Prefix.Account, new TextEncoder().encode(publicKey)));
  } catch (cause) {
    throw new KanadeError('join_proof_invalid', `this is no public account nkey: ${messageOf(cause)}`, { cause });
  }
}
