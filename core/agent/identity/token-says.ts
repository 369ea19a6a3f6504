import { readEnrolmentToken } from '#core/contract/enrolment.ts';
import type { Credential } from './credential.ts';

/** The half of an enrolment token that is no secret, as a credential and a log line carry it. */
export function tokenIdOf(token: string | undefined): Pick<Credential, 'token_id'> {
  const id = token === undefined ? undefined : readEnrolmentToken(token)?.id;
  return id === undefined ? {} : { token_id: id };
}

/** The CA that it names, which is believed from then on without it. */
export function caNamedBy(token: string | undefined): Pick<Credential, 'ca_named'> {
  const ca = token === undefined ? undefined : readEnrolmentToken(token)?.ca;
  return ca === undefined ? {} : { ca_named: ca };
}

/**
 * Whether the token names a CA that no token of this PC has named so far: the word of somebody who may say what is set here. It counts
 * once, for later its key may be in other hands, and the server has told of another CA since.
 */
export function namesAnother(credential: Credential, token: string | undefined): boolean {
  const { ca_named } = caNamedBy(token);
  return ca_named !== undefined && ca_named !== credential.ca_named;
}
