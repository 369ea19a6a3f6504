import type { Agent } from 'node:https';
import { createUser } from '@nats-io/nkeys';
import { type Challenge, proofText, readEnrolmentToken } from '#core/contract/enrolment.ts';
import type { Target } from './finding.ts';
import { anything, mutate, mutateBytes, pick, text } from './generate.ts';
import { type Api, ask } from './http.ts';

/** What the signature is over, or is; and the token. */
const PROVEN = ['pc_id', 'public_key', 'nonce', 'signature', 'token'] as const;

/**
 * What PCs enrol and renew with, true in all but one place: nobody gets in by a proof or a token that was changed, whatever else is
 * said there is taken or refused, and the true ones in between get in.
 */
export function enrolments({ url }: Api, agent: Agent, token: string): Target {
  const post = async (path: string, body: unknown) => {
    const sent = { path, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) };
    return ask(url, agent, 'POST', sent);
  };
  return {
    name: 'enrolments',
    share: 0.05,
    width: 8,
    async try(n, random, input) {
      const { nonce } = JSON.parse((await post('/api/v1/enrol/challenge', {})).body) as Challenge;
      const key = createUser();
      const about = { nonce, pc_id: `FUZZ${n}`, public_key: key.getPublicKey() };
      const renewing = n % 5 === 0 && n % 50 !== 0;
      const signature = Buffer.from(key.sign(proofText(renewing ? 'renew' : 'enrol', about))).toString('base64url');
      const request: Record<string, unknown> = { ...about, signature, token, hostname: 'h', hardware: { uuid: 'u', machine_guid: 'm' } };
      const honest = n % 50 === 0;
      const field = pick(random, [...PROVEN, 'hostname', 'hardware', 'version', 'ledger_id']);
      // What of a token is for the PC, the CA's fingerprint, is none of the server's business.
      const forged = !honest && (PROVEN as readonly string[]).includes(field);
      if (!honest) request[field] = forged ? changed(String(request[field]), random) : mutate(request[field] ?? anything(random), random);
      const sent = JSON.parse(JSON.stringify(request)) as Record<string, unknown>;
      input(`${renewing ? 'renew' : 'enrol'} ${JSON.stringify(sent)}`);
      const { status, body } = await post(renewing ? '/api/v1/renew' : '/api/v1/enrol', sent);
      if (status >= 500 && status !== 503) throw new Error(`it answered ${status}: ${body}`);
      if (honest && status !== 200) throw new Error(`the true one was refused with ${status}: ${body}`);
      if (forged && status < 300 && !(renewing && field === 'token')) throw new Error(`a changed ${field} got in with ${status}`);
    },
  };
}

/** Not only spelled otherwise: base64url has several spellings of the same bytes, of which those with other letters are told apart here. */
function changed(value: string, random: () => number): string {
  const same = (other: string) => {
    const [a, b] = [readEnrolmentToken(value), readEnrolmentToken(other)];
    if (a !== undefined && b !== undefined) return a.id === b.id && a.secret === b.secret;
    return Buffer.from(other, 'base64url').equals(Buffer.from(value, 'base64url'));
  };
  for (;;) {
    const other = random() < 0.3 ? text(random) : mutateBytes(Buffer.from(value), random).toString();
    if (other !== value && !same(other)) return other;
  }
}
