import { verify } from 'node:crypto';
import { proofText } from '#core/contract/enrolment.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { userKeyIn } from '#core/contract/nkey.ts';

export interface Proof {
  pc_id: string;
  public_key: string;
  nonce: string;
  /** base64url. */
  signature: string;
}

/**
 * Throws `enrolment_proof_invalid` unless whoever asks has the key. The key is read by the nkeys library, which checks its prefix and
 * check sum, and the signature by Node's own Ed25519: the library's takes a hundred times as long, and thousands may come at once.
 */
export function checkProof(purpose: 'enrol' | 'renew', proof: Proof): void {
  const { public_key, signature } = proof;
  if (!verify(null, proofText(purpose, proof), keyOf(public_key), Buffer.from(signature, 'base64url')))
    throw new KanadeError('enrolment_proof_invalid', 'the signature is not by this key, or over something else');
}

function keyOf(publicKey: string) {
  try {
    return userKeyIn(publicKey);
  } catch (cause) {
    throw new KanadeError('enrolment_proof_invalid', `this is no public user nkey: ${messageOf(cause)}`, { cause });
  }
}
