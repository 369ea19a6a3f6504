import { type Enrolled, type Pending, proofText, readEnrolmentToken } from '#core/contract/enrolment.ts';
import { type ErrorCode, errorStatus, KanadeError } from '#core/contract/errors.ts';
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
  /** PEM of whom to believe; undefined: the one that the token names, or whom this machine trusts. */
  ca: string | undefined;
  ledgerId: string;
  signal: AbortSignal;
}

interface Answered {
  answer: Enrolled | Pending;
  /** Whom the PC believes from then on. */
  ca: string | undefined;
}

/**
 * Asks for a credential: by the token until the PC is enrolled, afterwards by the key, which the other servers know too that it was told
 * of.
 */
export async function askServer(o: AskOptions, asked: Asked): Promise<Answered> {
  const { server, credential, signal } = asked;
  let fault: unknown;
  for (const url of new Set([server ?? credential.server, ...(credential.enrolled?.other_apis ?? [])])) {
    try {
      return await askAt(url, o, asked);
    } catch (error) {
      // What the first says of its trouble is what an admin has to hear.
      fault ??= error;
      if (signal.aborted || !(error instanceof KanadeError) || !isTroubleOfServer(error.code)) throw error;
    }
  }
  throw fault;
}

/** Whether another server may do better: it says nothing of this PC. */
function isTroubleOfServer(code: ErrorCode): boolean {
  const status = errorStatus(code);
  return status === undefined || status >= 500;
}

async function askAt(
  url: string,
  { connect, platform, version }: AskOptions,
  { credential, token, ca, ledgerId, signal }: Asked,
): Promise<Answered> {
  const { hardware } = credential;
  const fingerprint = token === undefined ? undefined : readEnrolmentToken(token)?.ca;
  const line = connect({
    url,
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
