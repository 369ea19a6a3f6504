import { createUser, type KeyPair } from '@nats-io/nkeys';
import { type IdentityServer, identityServer } from '#core/agent/identity/server.ts';
import { type EnrolRequest, proofText } from '#core/contract/enrolment.ts';
import { readCa } from '#core/tls/trust.ts';
import type { TestBackend } from './kanade.ts';

/** A PC that does nothing but ask for its identity: the server's own client, with a key. */
export class FakePc {
  readonly pcId: string;
  readonly pair: KeyPair;
  readonly server: IdentityServer;

  constructor(backend: Pick<TestBackend, 'url'> & { caFile?: string | undefined }, pcId: string, pair: KeyPair = createUser()) {
    const ca = readCa(backend.caFile);
    this.pcId = pcId;
    this.pair = pair;
    this.server = identityServer({ url: backend.url, env: {}, ...(ca === undefined ? {} : { ca }) });
  }

  get publicKey(): string {
    return this.pair.getPublicKey();
  }

  async proof(purpose: 'enrol' | 'renew'): Promise<Pick<EnrolRequest, 'pc_id' | 'public_key' | 'nonce' | 'signature'>> {
    const { nonce } = await this.server.challenge();
    const about = { nonce, pc_id: this.pcId, public_key: this.publicKey };
    return { ...about, signature: Buffer.from(this.pair.sign(proofText(purpose, about))).toString('base64url') };
  }

  async enrol(token: string, more: Partial<EnrolRequest> = {}) {
    return this.server.enrol({ ...(await this.proof('enrol')), token, ...more });
  }

  async renew(more: Partial<EnrolRequest> = {}) {
    return this.server.renew({ ...(await this.proof('renew')), ...more });
  }
}
