import { readEnrolmentToken } from '#core/contract/enrolment.ts';
import type { Credential } from './credential.ts';

/** The half of an enrolment token that is no secret, as a credential and a log line carry it. */
export function tokenIdOf(token: string | undefined): Pick<Credential, 'token_id'> {
  const id = token === undefined ? undefined : readEnrolmentToken(token)?.id;
  return id === undefined ? {} : { token_id: id };
}
