import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import { encode } from '#core/contract/codec.ts';
import { atomicWrite, ensureFolder } from '#core/files/atomic-write.ts';
import type { Identity } from '../identity/identity.ts';
import { issuePcJwt } from '../identity/pc-jwt.ts';

/** Makes this machine's own agent known: whoever starts all in one has this machine. Puts its credential where it looks for it. */
export async function enrolOwnAgent(identity: Identity, dataDir: string, pcId: string): Promise<void> {
  const key = createUser();
  const { jwt } = await issuePcJwt(identity, { publicKey: key.getPublicKey(), pcId, now: Date.now() });
  await ensureFolder(join(dataDir, 'agent'));
  await atomicWrite(join(dataDir, 'agent', 'credential.json'), encode({ jwt, seed: new TextDecoder().decode(key.getSeed()) }));
}
