import { type Enrolled, type Pending, proofText, readEnrolmentToken } from '#core/contract/enrolment.ts';
import type { Platform } from '../platform/platform.ts';
import type { Credential } from './credential.ts';
import type { IdentityServer, ServerOptions } from './server.ts';
import { signByUserKey } from './user-key.ts';

export interface AskOptions {
  connect(options: Pick<ServerOptions, 'url' | 'ca' | 'fingerprint' | 'signal'>): IdentityServer;
  platform: Pick<Platform, 'hostname' | 'os'>;
  version: string;
}

export interface Asked {
  credential: Credential;
  /** Where; default: where the PC enrolled. */
  server: string | undefined;
  token: string | undefined;
  ledgerId: string;
  signal: AbortSignal;
}

/** Asks for a credential: by the token until the PC is enrolled, afterwards by the key. `ca`: whom the PC believes from then on. */
export async function askServer(
  { connect, platform, version }: AskOptions,
  { credential, server, token, ledgerId, signal }: Asked,
): Promise<{ answer: Enrolled | Pending; ca: string | undefined }> {
  const { ca, hardware } = credential;
  const fingerprint = token === undefined ? undefined : readEnrolmentToken(token)?.ca;
  const line = connect({
    url: server ?? credential.server,
    signal,
    ...(ca === undefined ? {} : { ca }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  });
  const ask = async () => {
    // A key that the server knows already, or that waits for an admin, is answered as it is when it comes with its token again.
    if (credential.enrolled !== undefined || token === undefined)
      return line.renew({ ...(await prove('renew', line, credential)), ledger_id: ledgerId, hardware });
    const { hostname, os } = platform;
    return line.enrol({ ...(await prove('enrol', line, credential)), token, ledger_id: ledgerId, hardware, hostname, os, version });
  };
  try {
    const answer = await ask();
    return { answer, ca: (answer.state === 'enrolled' ? answer.ca : undefined) ?? line.ca };
  } finally {
    line.close();
  }
}

async function prove(purpose: 'enrol' | 'renew', line: IdentityServer, { seed, public_key, pc_id }: Credential) {
  const { nonce } = await line.challenge();
  const text = proofText(purpose, { nonce, pc_id, public_key });
  const signature = Buffer.from(signByUserKey(seed, text)).toString('base64url');
  return { pc_id, public_key, nonce, signature };
}
