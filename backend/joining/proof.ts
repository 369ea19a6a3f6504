import { type KeyObject, verify } from 'node:crypto';
import { publicKeyFrom } from '#core/contract/ed25519.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { type JoinRequest, joinText } from '#core/contract/joining.ts';
import { accountKeyIn } from '#core/contract/nkey.ts';
import { ACCOUNTS } from '../identity/accounts.ts';

/** Throws `join_proof_invalid` unless whoever asks has every key that it names. */
export function checkJoinProof(codeId: string, request: JoinRequest): void {
  const { command_key, signing_keys, signatures, nonce } = request;
  const text = joinText(nonce, codeId, request);
  const check = (what: string, keyOf: () => KeyObject, signature: string) => {
    if (!verify(null, text, keyFrom(what, keyOf), Buffer.from(signature, 'base64url')))
      throw new KanadeError('join_proof_invalid', `the signature by its key for ${what} is not by this key, or over something else`);
  };
  check('commands', () => publicKeyFrom(Buffer.from(command_key.public_key, 'base64url')), signatures.command);
  for (const account of ACCOUNTS) {
    check(account, () => accountKeyIn(signing_keys[account]), signatures[account]);
  }
}

function keyFrom(what: string, keyOf: () => KeyObject): KeyObject {
  try {
    return keyOf();
  } catch (cause) {
    throw new KanadeError('join_proof_invalid', `its key for ${what} is none: ${messageOf(cause)}`, { cause });
  }
}
